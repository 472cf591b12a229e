"""Is the audit right? Known faults, planted into clean corpora, and how fast it is."""
