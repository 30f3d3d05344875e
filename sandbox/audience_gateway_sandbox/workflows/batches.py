"""Batches of shared audiences in the import bucket, and whether they have arrived as a whole (campaign 1.6)."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from audience_gateway_sandbox.people import Bucket, Stored

_NAME = re.compile(
    r"(?P<root>(?:s3|ftp)_(?P<destination>[0-9]+)_(?P<source>[0-9]+)(?:_.+)?_full_(?P<made>[0-9]{13}))"
    r"(?:(?P<part>[0-9]{3,}))?\.(?:(?P<info>info)|[a-z]+(?P<gzip>\.gz)?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One data file of a batch."""

    number: int
    stored: Stored
    is_gzip: bool


@dataclass(slots=True)
class Batch:
    """One full transfer.

    Attributes:
        destination_id: Audience Manager's id of the destination.
        data_source_id: Audience Manager's id of the data source of the ids.
        made: milliseconds since 1970.
        parts: its data files in order of their numbers.
        control: key of its control file; empty without one.
    """

    destination_id: int
    data_source_id: int
    made: int
    parts: list[Part] = field(default_factory=list)
    control: str = ""


def batches_of(files: Sequence[Stored]) -> list[Batch]:
    """Put the files of a bucket together, the oldest batch first; other files do not count."""
    found: dict[str, Batch] = {}
    for stored in files:
        folder, _, name = stored.key.rpartition("/")
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        batch = found.setdefault(
            f"{folder}/{match['root'].lower()}",
            Batch(int(match["destination"]), int(match["source"]), int(match["made"])),
        )
        if match["info"]:
            batch.control = stored.key
        else:
            batch.parts.append(Part(int(match["part"] or 0), stored, match["gzip"] is not None))
    for batch in found.values():
        batch.parts.sort(key=lambda part: part.number)
    return sorted(found.values(), key=lambda batch: batch.made)


class Completeness:
    """Tells which batches are complete.

    With a control file: once its files are there with its sizes, sums and numbers of lines. Without one: once no part
    of the row is missing and nothing has changed since the last look, so that a late part is waited for.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._seen: dict[str, Sequence[Part]] = {}
        self._good: set[tuple[str, str]] = set()

    def lacks(self, batch: Batch) -> str:
        """Tell what a batch lacks; empty for a complete one."""
        if batch.control:
            return self._differs(batch)
        numbers = [part.number for part in batch.parts]
        if numbers[0] > 1 or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            return "a part is missing"
        before = self._seen.get(batch.parts[0].stored.key)
        self._seen[batch.parts[0].stored.key] = list(batch.parts)
        return "" if before == batch.parts else "its parts may still be arriving"

    def _differs(self, batch: Batch) -> str:
        try:
            listed = {file["FileName"]: file for file in _control(self._bucket.get(batch.control))["Files"]}
        except (OSError, ValueError, KeyError, TypeError):
            return "its control file cannot be read"
        there = {part.stored.key.rpartition("/")[2]: part for part in batch.parts}
        if there.keys() != listed.keys():
            return f"{len(there)} of {len(listed)} parts are there"
        wrong = [name for name, part in there.items() if not self._agrees(part, listed[name])]
        return f"{len(wrong)} parts are not as the control file tells" if wrong else ""

    def _agrees(self, part: Part, listed: dict[str, object]) -> bool:
        known = part.stored.key, part.stored.version
        if known in self._good:
            return True
        content = self._bucket.get(part.stored.key)
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        agrees = (len(content), digest) == (listed.get("FileByteSize"), str(listed.get("md5")).lower()) and len(
            _lines(part, content)
        ) == listed.get("FileLineCount")
        if agrees:
            self._good.add(known)
        return agrees


def ids_by_segment(bucket: Bucket, batch: Batch, segments: set[int]) -> dict[int, set[str]]:
    """Read who is in each of the segments that a batch names; lines that break the grammar are dropped in silence."""
    found: dict[int, set[str]] = defaultdict(set)
    wanted = {str(segment): segment for segment in segments}
    for part in batch.parts:
        for user, named in _rows(_lines(part, bucket.get(part.stored.key))):
            for text in named:
                if text in wanted:
                    found[wanted[text]].add(user)
    return found


def _rows(lines: Sequence[bytes]) -> Iterator[tuple[str, list[str]]]:
    for line in lines:
        user, tab, named = line.decode(errors="replace").rstrip("\r").partition("\t")
        if user and tab:
            yield user, named.split(" ")[0].split(",")


def _lines(part: Part, content: bytes) -> list[bytes]:
    try:
        whole = gzip.decompress(content) if part.is_gzip else content
    except (OSError, EOFError):
        return []
    return whole.removesuffix(b"\n").split(b"\n") if whole else []


_BARE_KEY = re.compile(r"([{,]\s*)([A-Za-z][A-Za-z0-9]*)(\s*:)")


def _control(content: bytes) -> dict[str, list[dict[str, object]]]:
    """Read a control file; the documented sample has its keys without quotes."""
    text = content.decode()
    try:
        control = json.loads(text)
    except json.JSONDecodeError:
        control = json.loads(_BARE_KEY.sub(r'\1"\2"\3', text))
    if not isinstance(control, dict):
        raise TypeError("no object")
    return control
