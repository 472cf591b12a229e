"""Privacy: what identifies a person in a report, found and replaced."""
