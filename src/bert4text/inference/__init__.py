"""Act: answer new reports in a stream."""
