"""Session descriptions (RFC 8866): read, answered as a recorder answers, and written.

What lives here: everything about ``application/sdp``.  What does not: who is in the call (``protocols.siprec``), and
the messages that carry a description (``protocols.sip``).
"""
