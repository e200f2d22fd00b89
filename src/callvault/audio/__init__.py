"""Audio on the ground floor: files and samples in, facts, samples and renditions out.

What lives here: recognising what was sent, reading it as 16-bit samples, and making renditions of it, as plain
functions over a file that is handed in.  What does not: where files live, who may have them, content types, caches.
The law of the ground applies: no sockets, no clock, no environment, no database, nothing asynchronous.
"""
