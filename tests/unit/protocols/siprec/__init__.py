"""Recording metadata, and what recording clients send."""
