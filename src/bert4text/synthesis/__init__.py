"""Act: make synthetic reports and say that they are."""
