"""Reads the file of an external audience and lets its people be members for a time (rtcdp 1.7)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from obstore.exceptions import BaseError

from audience_gateway_sandbox.platform.identities.namespaces import by_code
from audience_gateway_sandbox.platform.profiles.memberships import put
from audience_gateway_sandbox.platform.profiles.records import take
from audience_gateway_sandbox.platform.storage import Space

_LANDING_ZONE = "dlz-user-container/"
_DEFAULT_DAYS = 30


class FileError(ValueError):
    """A file that cannot be read; the text tells why."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a file came to, in rows."""

    rows: int
    members: int
    skipped: int


def ingest(space: Space, audience: str, body: Mapping[str, Any]) -> Ingested:
    """Let the people of an audience's file be its members.

    Only the identity touches profiles: where there is none yet, one of the identity alone is made. Other columns are
    the membership's payload.

    Raises FileError if there is no file, or if it lacks the identity column or is no CSV in UTF-8.
    """
    identity = next(field for field in body["fields"] if field.get("identityNs"))
    namespace = by_code(space, identity["identityNs"])
    if namespace is None:
        raise FileError("The namespace of the identity field is not known.")
    lasting = lifetime_of(body)
    rows = members = 0
    for row in _rows(space, body["sourceSpec"]["params"], identity["name"]):
        rows += 1
        profile = _profile(space, namespace.code, (row.get(identity["name"]) or "").strip(), audience)
        if profile:
            members += 1
            payload = {field["name"]: row.get(field["name"]) for field in body["fields"] if field is not identity}
            put(space, audience, profile, lasting=lasting, payload=json.dumps(payload))
    return Ingested(rows, members, rows - members)


def lifetime_of(body: Mapping[str, Any]) -> timedelta:
    """Tell how long memberships last."""
    return timedelta(days=int(body.get("ttlInDays", _DEFAULT_DAYS)))


def _rows(space: Space, params: Mapping[str, Any], identity: str) -> Iterator[Mapping[str, str]]:
    path = str(params["path"]).removeprefix(_LANDING_ZONE).strip("/")
    keys = [path] if params.get("type", "file") == "file" else _files_below(space, path)
    if not keys:
        raise FileError("The folder holds no file.")
    for key in keys:
        yield from _rows_of(_content(space, key), identity)


def _files_below(space: Space, folder: str) -> list[str]:
    return [file.key for file in space.files.files() if file.key.startswith(f"{folder}/")]


def _content(space: Space, key: str) -> str:
    try:
        return space.files.get(key).decode("utf-8-sig")
    except (OSError, BaseError):
        raise FileError("The file is not there.") from None
    except UnicodeDecodeError:
        raise FileError("The file is not in UTF-8.") from None


def _rows_of(text: str, identity: str) -> Iterable[Mapping[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        headers: Sequence[str] = reader.fieldnames or ()
        if identity not in headers:
            raise FileError("The file has no column of the identity field.")
        return list(reader)
    except csv.Error:
        raise FileError("The file is no CSV.") from None


def _profile(space: Space, namespace: str, value: str, audience: str) -> int:
    """Find the profile of an identity, or make one; 0 for an identity that is none."""
    found = _known(space, namespace, value)
    if not found:
        take(space, {"identityMap": {namespace: [{"id": value, "primary": True}]}}, dataset=audience)
        found = _known(space, namespace, value)
    return found


def _known(space: Space, namespace: str, value: str) -> int:
    row = space.database.execute(
        "SELECT profile FROM identity WHERE space = ? AND namespace = ? AND value = ?", (space.name, namespace, value)
    ).fetchone()
    return int(row[0]) if row else 0
