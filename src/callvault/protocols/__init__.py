"""Protocols on the ground floor: bytes in, values out, and ``now`` is an argument.

What lives here: what a telephone network says to a recorder, and what the recorder says back.  What does not: sockets,
clocks, threads, dice, and what a call becomes in the archive.
The law of the ground applies; a parser here promises a value or ``ProtocolError``, and never anything else.
"""
