"""The bytes: originals in an object store, and the folder in which an intake is still under way.

What does not live here: what the bytes mean (``audio``), who may hear them (``vault``).
Law: the only package that knows the object-store library.
"""
