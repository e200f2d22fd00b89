"""A SIPREC recording client (RFC 7866) of our own, for demonstrations, tests and load: ``callvault call``.

What lives here: a SIP client, what it says in the manner of each vendor (``styles``), RTP made and sent.  It shares no
line of SIP, SDP, RTP or metadata code with the server, and may not import it: a misunderstanding on one side must not
be hidden by the other.  What does not live here: anything that the server needs.
"""
