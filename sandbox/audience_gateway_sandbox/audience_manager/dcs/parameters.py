"""Parameters of a call, with the raw text of those that have to be split before they are decoded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class BadEncoding(ValueError):
    """A text whose percent encoding is malformed."""


def decoded(raw: str) -> str:
    """Decode a text. Raises BadEncoding for a percent sign without two hex digits, and for what is no UTF-8."""
    if _PERCENT.search(raw):
        raise BadEncoding
    try:
        return unquote_to_bytes(raw.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise BadEncoding from None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Pairs of a name and a raw value, in their order."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, *texts: str) -> Parameters:
        """Read query strings and forms. Raises BadEncoding if any part cannot be decoded."""
        pairs = []
        for part in (part for text in texts for part in text.split("&") if part):
            name, _, value = part.partition("=")
            decoded(value)
            pairs.append((decoded(name), value))
        return cls(tuple(pairs))

    def raw(self, name: str) -> list[str]:
        """List the raw values of a name."""
        return [value for known, value in self.pairs if known == name]

    def texts(self, name: str) -> list[str]:
        """List the values of a name."""
        return [decoded(value) for value in self.raw(name)]

    def text(self, name: str) -> str:
        """Tell the first value of a name that is not empty; empty if there is none."""
        return next(filter(None, self.texts(name)), "")

    def numbers(self, name: str) -> list[int]:
        """List the numbers of a name, which may have commas between them; what is no number is left out."""
        parts = (part.strip() for text in self.texts(name) for part in text.split(","))
        return [int(part) for part in parts if part.isdecimal() and len(part) <= _MOST_DIGITS]

    def signals(self) -> Iterator[tuple[str, str]]:
        """Go through what rules of traits ask for: keys of customers, headers and private ones, value by value."""
        for name, value in self.pairs:
            if name.startswith(("c_", "h_", "p_")):
                for part in value.split(","):
                    yield name.lower(), decoded(part)


_MOST_DIGITS = 18
