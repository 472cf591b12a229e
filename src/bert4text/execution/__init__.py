"""Execution: executors beside the one that works in this process."""
