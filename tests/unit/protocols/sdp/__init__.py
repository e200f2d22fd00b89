"""Session descriptions: read, agreed to, answered."""
