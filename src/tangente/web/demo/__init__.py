"""A simulated company to look around in, on one's own machine."""
