"""Thing: pseudonyms of patients."""
