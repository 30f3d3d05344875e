"""Names of inbound files (audience-manager 3.2, 3.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from audience_gateway_sandbox.audience_manager.profiles.id_formats import GLOBAL_DEVICES


class BadName(ValueError):
    """A name that no inbound file has; the text says what is wrong with it, without the name."""


class Mode(Enum):
    """What a data file does to the traits that its users have already."""

    SYNC = "sync"
    OVERWRITE = "overwrite"


class IdSyncKind(Enum):
    """Whose ids an ID synchronization file puts together."""

    DEVICES = "adobe_id"
    HASHED_EMAILS = "c2c_id"


@dataclass(frozen=True, slots=True)
class DataFile:
    """What the name of a data file tells.

    Attributes:
        data_source_id: what the ids of its users are of (DPID).
        target_id: data source of the traits.
        timestamp: seconds since 1970.
        mode: whether it adds to or replaces what its users have.
        split: number of the part; 0 for none.
        is_gzip: whether it is compressed.
        is_encrypted: whether it is encrypted by PGP.
        names_devices: whether each line begins with the kind of its device id (Oracle Data Cloud).
        warning: what a strict reader would refuse; empty for nothing.
    """

    data_source_id: int
    target_id: int
    timestamp: int
    mode: Mode
    split: int = 0
    is_gzip: bool = False
    is_encrypted: bool = False
    names_devices: bool = False
    warning: str = ""


@dataclass(frozen=True, slots=True)
class IdSyncFile:
    """What the name of an ID synchronization file tells.

    Attributes:
        kind: whose ids it puts together.
        data_source_ids: data sources of its columns, that of the master first.
        timestamp: seconds since 1970.
        split: number of the part; 0 for none.
        is_gzip: whether it is compressed.
        warning: what a strict reader would refuse; empty for nothing.
    """

    kind: IdSyncKind
    data_source_ids: tuple[int, ...]
    timestamp: int
    split: int = 0
    is_gzip: bool = False
    warning: str = ""


_DATA = re.compile(
    r"ftp_dpm_(?P<odc>odc_)?(?P<numbers>[0-9]+(?:_[0-9]+)*)\.(?P<mode>[^.]+)(?P<rest>(?:\..*)?)", re.ASCII
)
_IDS = re.compile(
    r"(?P<kind>adobe_id|c2c_id)_(?P<numbers>[0-9]+(?:_[0-9]+)*)\.(?P<mode>[^.]+)(?P<rest>(?:\..*)?)", re.ASCII
)
_ENDING = re.compile(r"(?:\.(?P<split>[0-9]+))?(?P<gzip>\.gz)?", re.ASCII)
_ENCRYPTED = (".pgp", ".gpg")
_BEGINNINGS = ("ftp_dpm_", "adobe_id_", "c2c_id_")
_DIGITS_OF_A_TIME = 10
_SHORT_TIME = "the timestamp has 9 digits, not 10"


def is_meant(name: str) -> bool:
    """Tell whether a file was meant to be read, by how its name begins."""
    return name.startswith(_BEGINNINGS)


def read_name(name: str, *, strict: bool = True) -> DataFile | IdSyncFile:
    """Read the name of a file, without its folders.

    Args:
        name: the name.
        strict: refuse timestamps of 9 digits, which the documents show as examples.

    Raises BadName with what is wrong.
    """
    if match := _DATA.fullmatch(name):
        return _data_file(match, strict=strict)
    if match := _IDS.fullmatch(name):
        return _id_sync_file(match, strict=strict)
    raise BadName("it is neither ftp_dpm_<data source>_<time>.<mode> nor adobe_id_ or c2c_id_ with data sources")


def _data_file(match: re.Match[str], *, strict: bool) -> DataFile:
    sources, timestamp, warning = _numbers(match["numbers"], strict=strict)
    if not 1 <= len(sources) <= 2:  # noqa: PLR2004 - a source and a target
        raise BadName("it needs the data source of the ids, perhaps that of the traits, and the time")
    if len(sources) == 1 and sources[0] in GLOBAL_DEVICES:
        raise BadName("ids of a global data source need a second data source, whose traits are meant")
    try:
        mode = Mode(match["mode"])
    except ValueError:
        raise BadName("the mode is neither sync nor overwrite") from None
    is_encrypted = match["rest"] in _ENCRYPTED
    split, is_gzip = (0, False) if is_encrypted else _ending(match["rest"])
    odc = match["odc"] is not None
    if is_encrypted and odc:
        raise BadName("files of Oracle Data Cloud are not encrypted")
    return DataFile(sources[0], sources[-1], timestamp, mode, split, is_gzip, is_encrypted, odc, warning)


def _id_sync_file(match: re.Match[str], *, strict: bool) -> IdSyncFile:
    sources, timestamp, warning = _numbers(match["numbers"], strict=strict)
    if len(sources) < 2:  # noqa: PLR2004 - a master and another
        raise BadName("it needs the data sources of at least two columns, and the time")
    if match["mode"] != Mode.SYNC.value:
        raise BadName("ids are only ever synchronized: the mode is sync")
    return IdSyncFile(IdSyncKind(match["kind"]), sources, timestamp, *_ending(match["rest"]), warning)


def _numbers(text: str, *, strict: bool) -> tuple[tuple[int, ...], int, str]:
    *sources, time = text.split("_")
    short = len(time) == _DIGITS_OF_A_TIME - 1
    if len(time) != _DIGITS_OF_A_TIME and (strict or not short):
        raise BadName("its last number is no time in seconds, which has 10 digits")
    return tuple(map(int, sources)), int(time), _SHORT_TIME if short else ""


def _ending(text: str) -> tuple[int, bool]:
    match = _ENDING.fullmatch(text)
    if match is None:
        raise BadName(
            "after the mode there may be the number of a part and .gz; encrypted files have .pgp or .gpg alone"
        )
    return int(match["split"] or 0), match["gzip"] is not None
