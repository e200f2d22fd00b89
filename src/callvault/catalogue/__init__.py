"""The rows: accounts, keys, recordings and what is said of them, on SQLite or PostgreSQL.

What does not live here: bytes of audio (``media``), what may be done with a recording (``vault``).
Law: the only package that knows SQL; both engines answer alike, and one contract suite says so.
"""
