"""Steering: which recordings are made of a take, and when each runs, pauses and ends.

What lives here: the state of one take's recordings, sans-IO (``steering``), what is asked of it by rules (``facts``)
and by orders, and how both reach the media gate and the journal.  What does not: how a call is answered (``siprec``,
``streams``), how a recording is cut out of its take (``finishing``).
"""
