"""How much of what identifies persons is found, and how much of what a physician wrote is lost."""
