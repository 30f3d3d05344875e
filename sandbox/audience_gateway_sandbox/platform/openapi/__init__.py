"""The description of the platform's addresses."""
