"""What happened: the contact log, and the questions it answers, one per module."""
