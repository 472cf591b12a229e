"""Thing: read, repair, deduplicate, label, split and write reports."""
