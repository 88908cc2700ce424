"""Serving: start the application from one command, look after it, copy it away and back."""
