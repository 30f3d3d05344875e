"""How columns are quoted, and what stands within quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NOTHING = re.compile(rb"(?!)()")


@dataclass(frozen=True, slots=True)
class Quoting:
    """How columns are quoted.

    Attributes:
        quote: the character around them; empty if there is none.
        escape: the character before a quote or before itself within quotes; empty if there is none.
        pattern: a quoted column; its one group is what stands within the quotes.
    """

    quote: bytes
    escape: bytes
    pattern: re.Pattern[bytes]

    def value(self, quoted: re.Match[bytes]) -> bytes:
        """What a quoted column stands for."""
        if not self.escape or self.escape not in quoted[1]:
            return quoted[1].replace(self.quote * 2, self.quote)
        return _pairs(self.quote, self.escape).sub(lambda pair: pair[0][1:], quoted[1])

    def may_be_in(self, text: bytes) -> bool:
        """Whether an escape with what it stands before may be in the text."""
        # One byte is found several times as fast as two, and mostly is not there.
        one = bool(self.escape) and self.escape in text
        return one and (self.escape + self.quote in text or self.escape * 2 in text)


@lru_cache(maxsize=8)
def quoting_of(quote: str, escape: str) -> Quoting:
    """Quoting by these characters."""
    if not quote:
        return Quoting(b"", b"", _NOTHING)
    quoted, escaped = re.escape(quote.encode()), re.escape(escape.encode())
    within = rb"[^" + quoted + escaped + rb"]++|" + quoted * 2
    if escape:
        within += rb"|" + escaped + rb"[" + quoted + escaped + rb"]|" + escaped
    return Quoting(quote.encode(), escape.encode(), re.compile(quoted + rb"((?:" + within + rb")*+)" + quoted))


@lru_cache(maxsize=8)
def _pairs(quote: bytes, escape: bytes) -> re.Pattern[bytes]:
    quoted, escaped = re.escape(quote), re.escape(escape)
    return re.compile(escaped + rb"[" + quoted + escaped + rb"]|" + quoted * 2)
