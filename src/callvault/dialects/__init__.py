"""One folder a vendor: its paths, its words, its shapes; pure functions from wire to core and back.

What lives here besides: ``contract`` (the seam and the loop that every request goes through), ``registry`` (the names
of the dialects), ``toolbox`` (what they share, and which knows no dialect).
Law: dialects know nothing of one another, and touch no socket, file, clock, database or web framework.
"""
