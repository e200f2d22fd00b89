"""SIPREC's door."""
