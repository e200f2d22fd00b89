"""What can be said of the catalogue without asking both engines."""
