"""Resume tokens: where in a file reading goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from audience_gateway.sdk.buckets import BucketObject
from audience_gateway.sdk.errors import Permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place between two rows of one version of a file.

    Attributes:
        etag: the version of the file.
        rows: rows before the place.
        offset: where the block begins that the place is in, in decompressed bytes.
        skip: rows of the block before the place.
        columns: how many columns a row has; 0 where the format says so itself.
        wanted: positions of the wanted columns.
    """

    etag: str
    rows: int = 0
    offset: int = 0
    skip: int = 0
    columns: int = 0
    wanted: tuple[int, ...] = ()

    @property
    def token(self) -> str:
        """The place as JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))


def parse_position(token: str, file: BucketObject) -> Position:
    """The place that a token tells. Raises Permanent if the file is not that version any more."""
    try:
        values = json.loads(token)
        position = Position(**{**values, "wanted": tuple(values["wanted"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Permanent("the resume token is none of this connector", place=file.key) from error
    if position.etag != file.etag:
        raise changed(file.key)
    return position


def changed(key: str) -> Permanent:
    """The error for a file that is not what it was when reading began."""
    return Permanent("the file changed while it was read", place=key, remedy="Start the transfer again.")
