"""The parts of a media worker."""
