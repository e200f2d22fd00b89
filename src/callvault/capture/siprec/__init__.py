"""SIPREC's door (RFC 7866): the transports of the SIP user agent server, and what becomes of those who come in by it.

What lives here: sockets for signalling, admission of trunks, and takes that are opened, journalled and ended as
dialogs are.  What does not: SIP itself (``protocols.sip``), media sockets (``capture.gate``), and recordings.
"""
