"""What callvault can do: find, open, delete, take in, log in.  The doors ask here and nowhere else.

What does not live here: SQL (``catalogue``), bytes at rest (``media``), any vendor's words (``dialects``).
Law: knows the rooms below by their protocols, and no door above.
"""
