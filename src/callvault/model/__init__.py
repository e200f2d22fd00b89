"""The nouns: what a recording, a call, an account is.  Frozen values and pure functions over them.

What does not live here: how a value is stored (``catalogue``), or said to a vendor's client (``dialects``).
Law: standard library only; no I/O, no clock, no randomness.
"""
