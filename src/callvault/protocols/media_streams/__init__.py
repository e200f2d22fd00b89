"""Media streams: a call's audio as vendors send it over a WebSocket, frames in, events out, and RTP made of them.

What lives here: a reader for each vendor (``readers``), what the frames say in one set of words (``events``), and the
packets that the spool keeps of it (``packetiser``).  What does not: the WebSocket itself, who may open one.  The law:
whatever a frame holds, a reader answers with events or raises ``ProtocolError``, and nothing else.
"""
