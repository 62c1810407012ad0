"""Promises 1, 4, 5 and 6 on the real services and servers; each has its saboteur (docs/saboteurs.md)."""
