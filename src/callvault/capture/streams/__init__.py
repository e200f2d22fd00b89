"""The door for media streams: vendors' WebSockets come in, takes come out, with the same spool as every call's.

What lives here: who may open a stream (``admission``), one connection (``connection``), one call (``call``), all of
them (``door``).  What does not: what the frames say (``protocols.media_streams``), SIP (``siprec``).
"""
