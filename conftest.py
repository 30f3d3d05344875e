"""Settings of all tests: a slow machine fails no property; servers for those that ask for one."""

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.counted_examples",
    "tests.databases",
    "tests.garbage",
    "tests.object_stores",
    "tests.postgres",
    "tests.spark",
    "tests.sshd",
]

settings.register_profile("gateway", deadline=None)
# `make nightly`: over 100,000 examples in all, most of them where they are cheap.
settings.register_profile(
    "nightly", deadline=None, max_examples=19_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gateway")
