"""The web application: Django, one app, a folder for each feature."""
