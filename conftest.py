"""Settings of all tests: a slow machine fails no property; servers for those that ask for one."""

from hypothesis import settings

pytest_plugins = ["tests.databases", "tests.object_stores", "tests.postgres", "tests.sshd"]

settings.register_profile("gateway", deadline=None)
settings.load_profile("gateway")
