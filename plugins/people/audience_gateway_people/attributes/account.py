"""What lies in a source's account: files that wait, those that Adobe is done with, and those that it could not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from audience_gateway.sdk import Bucket, BucketObject

from audience_gateway_people.attributes.file_names import FAILED, PROCESSED, DataName


class FileState(StrEnum):
    """How far Adobe is with a data file."""

    INCOMPLETE = "incomplete"
    WAITING = "waiting"
    PROCESSED = "processed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file.

    Attributes:
        stored: the object in the bucket.
        name: its name.
        state: how far Adobe is with it; without its `.fin` it is incomplete, and never looked at.
    """

    stored: BucketObject
    name: DataName
    state: FileState


@dataclass(frozen=True, slots=True)
class Account:
    """The account.

    Attributes:
        files: its data files, in the order of their keys.
        size: bytes of everything in it.
    """

    files: tuple[DataFile, ...]
    size: int

    def of(self, state: FileState) -> list[DataFile]:
        """The files in a state, the one that was written last first."""
        found = [file for file in self.files if file.state is state]
        return sorted(found, key=lambda file: file.stored.modified, reverse=True)


async def look(bucket: Bucket) -> Account:
    """Lists the account."""
    stored = [found async for found in bucket.list()]
    return Account(tuple(_data_files(stored)), sum(found.size for found in stored))


def _data_files(stored: list[BucketObject]) -> Iterator[DataFile]:
    keys = {found.key for found in stored}
    for found in stored:
        folder, slash, file_name = found.key.rpartition("/")
        name = DataName.parse(file_name)
        if name is None:
            continue
        if not slash:
            state = FileState.WAITING if name.completed in keys else FileState.INCOMPLETE
        elif f"{folder}/" in {PROCESSED, FAILED}:
            state = FileState.PROCESSED if f"{folder}/" == PROCESSED else FileState.FAILED
        else:
            continue
        yield DataFile(found, name, state)
