"""Media streams at capacity: a sender of many, two receivers, and what is known of every octet that is sent.

What lives here: the processes of a run.  What does not: what is made of the figures (``bench.streams``).
"""
