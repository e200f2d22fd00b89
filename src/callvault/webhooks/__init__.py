"""The door that opens outwards: takes deliveries from the outbox and sends them to customers' servers.

What does not live here: what a notice says (``dialects``, whose functions the server hands in), and what is kept of it
(``catalogue``).  Law: a door beside the dialects, which it never imports; nothing leaves but past the guard.
"""
