"""Receiving at capacity: a sender and a bare receiver in C, and what is known of every octet that the sender sends.

What lives here: the two programs, how they are compiled and run (``programs``), and what streams hold (``streams``).
"""
