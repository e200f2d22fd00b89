"""The door through which live calls come: sockets, processes, and the spools that outlive both.

What lives here: the SIP user agent's transports, the media sockets and what drains them, the supervisor that keeps
them, the finisher's loop.  What does not: protocols (``protocols``), samples (``audio``), rows and objects (``vault``).
Between packet and spool nothing waits for a database, an object store or another node.
"""
