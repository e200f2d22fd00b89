"""Real servers that the tests start by themselves on loopback and free ports, and stop again."""
