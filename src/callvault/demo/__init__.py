"""A handful of short calls, spoken by synthetic voices, for whoever wants to see callvault at work at once.

What does not live here: taking them in, which is the ``demo`` command's matter.
Law: reads its own files, and nothing else; the moment from which the calls' dates count back is an argument.
"""
