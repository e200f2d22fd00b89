"""The spool: what is kept of a call while it is being captured, and what it is finished from, come what may.

A take has two files of the same name.  ``TAKE.journal`` is what the signalling said (``journal``), written by the
signalling process alone; ``TAKE.media`` is what came to the media sockets (``batch``, ``chunks``), written by one media
worker at a time.  Both are only ever appended to, and either can be torn: what lies before and behind a damage is
read.  While a take is under way its spool is the truth; when its recording is in the catalogue, the spool goes.
"""
