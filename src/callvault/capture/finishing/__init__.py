"""From a spool to sound files: what was said and what came, laid onto one timeline.

What lives here: the canvas, the streams on it, gaps, participants, and ``finish``.  What does not: how a spool is read
(``protocols.spool``), what becomes of the files (``capture.finisher``).  Everything goes in windows of a minute, so
that memory does not grow with the call.
"""
