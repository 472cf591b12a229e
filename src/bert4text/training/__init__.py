"""Act: fine-tune, calibrate and guard."""
