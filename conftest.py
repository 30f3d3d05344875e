"""Settings of all tests: a slow machine fails no property."""

from hypothesis import settings

settings.register_profile("gateway", deadline=None)
settings.load_profile("gateway")
