"""The media worker: drains hundreds of sockets by one system call each, five times a second, and appends what came.

A recorder has no latency to keep, so nothing needs to happen when a packet arrives: the kernel's buffers are the
queue.  What lives here: the arena into which packets are drained, the shelves of streams, the spool files, receiver
reports, the process's loop.  What does not: who opens sockets and keeps them (``supervisor``), what the packets mean.
"""
