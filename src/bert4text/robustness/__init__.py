"""Robustness: changes of a report that should not change the answer, and how often they do."""
