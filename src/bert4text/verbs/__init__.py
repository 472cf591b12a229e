"""Verbs: what one can ask for, each the same in Python and on the command line."""
