"""The trunks of the catalogue, as those who take calls know them: a table in memory, and a file for hard times.

What does not live here: whom a trunk admits (``siprec.admission``, ``streams.admission``), how one is made
(``vault.trunks``).
"""
