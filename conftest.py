"""Settings of all tests: a slow machine fails no property; databases for those that ask for one."""

from hypothesis import settings

pytest_plugins = ["tests.databases", "tests.postgres"]

settings.register_profile("gateway", deadline=None)
settings.load_profile("gateway")
