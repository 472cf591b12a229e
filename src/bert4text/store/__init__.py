"""Thing: the trail of what was done, and the ledger of looks at the test split."""
