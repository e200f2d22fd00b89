"""Protocols: parsers and state machines, told in plain values."""
