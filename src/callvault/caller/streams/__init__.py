"""A media-stream client of our own, for demonstrations, tests and load: ``callvault stream``.

What lives here: what each vendor sends on a media stream's WebSocket, made and sent.  It shares no line with the
server's readers of the same frames, and may not import them.  What does not live here: SIPREC (``caller``).
"""
