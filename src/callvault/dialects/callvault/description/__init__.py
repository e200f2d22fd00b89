"""The description of our own API, as OpenAPI has it: ``openapi`` builds it from the dialect's table of operations.

What does not live here: the operations and their parameters (one floor up, where requests are read with them too).
Law: read by ``replies`` alone.
"""
