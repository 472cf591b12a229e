"""Speed: training, prediction, memory and start-up, side by side."""
