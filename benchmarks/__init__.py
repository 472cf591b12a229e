"""Measurements that docs and decisions quote; none is run by the tests."""
