"""From what Spark raises to what the gateway says: the kind of the error, and never its text, which may quote rows."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from audience_gateway.sdk import Transient

FAILURES = (PySparkException, Py4JError, ConnectionError)
"""What Spark raises, or what it is that it cannot be reached."""

_FULL = "No space left on device"


@contextmanager
def explained() -> Iterator[None]:
    """Raises Transient for what Spark raises, and OSError if its disk is full."""
    try:
        yield
    except FAILURES as error:
        if _FULL in str(error):
            raise OSError(errno.ENOSPC, _FULL) from None
        raise Transient(
            f"Spark failed: {kind(error)}",
            place="transfers.spark",
            remedy="Look at Spark's log; raise its memory in `transfers.spark.options` if it ran out of it.",
            sent=False,
        ) from None


def kind(error: Exception) -> str:
    """What an error is, without its text."""
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    return str(condition or type(error).__name__)
