"""How good, by which settings."""
