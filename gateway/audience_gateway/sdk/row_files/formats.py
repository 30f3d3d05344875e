"""Formats of files, which the suffix of a file's name tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from audience_gateway.sdk.errors import ConfigError


class Kind(StrEnum):
    """What is in a file, once it is decompressed."""

    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Format:
    """What a file's name says about its content."""

    kind: Kind
    gzipped: bool

    @property
    def delimiter(self) -> str:
        """What is between columns of delimited text, if the settings do not say otherwise."""
        return "\t" if self.kind is Kind.TSV else ","


def find_format(name: str) -> Format | None:
    """The format of a file of that name; None for a suffix of another kind."""
    stem = name.lower()
    gzipped = stem.endswith(".gz")
    suffix = stem.removesuffix(".gz").rpartition(".")[2]
    return Format(Kind(suffix), gzipped) if suffix in set(Kind) else None


def format_of(name: str) -> Format:
    """The format of a file of that name. Raises ConfigError for a suffix of another kind."""
    found = find_format(name)
    if found is None:
        raise ConfigError(
            "the name of the file does not tell its format",
            place=name,
            remedy="Let it end on .csv, .tsv or .parquet, each also with .gz.",
        )
    return found
