"""Benchmarks of explanations: whether they add up, are faithful, and agree with people."""
