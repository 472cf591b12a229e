"""Thing: encoders, backends, calibration, classifiers and their bundles."""
