"""Regular expressions of trait rules, which anybody may write: none may take long."""

from __future__ import annotations

from functools import lru_cache

import regex

from audience_gateway_sandbox.audience_manager.rules.parser import RuleError

_LONGEST_SECONDS = 0.25


class NotEvaluated(Exception):
    """A rule that could not be evaluated; the DCS tells it by its error 10 (audience-manager 6)."""


@lru_cache(maxsize=256)
def compiled(pattern: str) -> regex.Pattern[str]:
    """Read a pattern; Java's are documented, and these are the closest to them. Raises RuleError if it is none."""
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except regex.error:
        raise RuleError("A regular expression in it cannot be read.") from None


def matches(pattern: str, value: str) -> bool:
    """Tell whether a pattern is found in a value: that it need not be all of it is an assumption.

    Raises NotEvaluated if it takes too long.
    """
    try:
        return compiled(pattern).search(value, timeout=_LONGEST_SECONDS) is not None
    except TimeoutError:
        raise NotEvaluated("A regular expression took too long.") from None
