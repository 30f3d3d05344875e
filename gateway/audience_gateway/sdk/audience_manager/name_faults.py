"""Why a name is not that of a file which Audience Manager takes in, for people (audience-manager 3.2, 3.7)."""

from __future__ import annotations

import re

from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncName
from audience_gateway.sdk.audience_manager.inbound_names import InboundName

_DATA = re.compile(r"ftp_dpm_(?:odc_)?(?P<numbers>[0-9]+(?:_[0-9]+)*)\.(?P<endings>.*)", re.DOTALL)
_ID_SYNC = re.compile(r"(?:adobe|c2c)_id_(?P<numbers>[0-9]+(?:_[0-9]+)*)\.(?P<endings>.*)", re.DOTALL)
_TIMESTAMP_DIGITS = 10
_MOST_NUMBERS, _FEWEST_SYNC_NUMBERS = 3, 3
_ENCRYPTED = {"pgp", "gpg"}


def name_fault(name: str) -> str:
    """What is wrong with a name without folders, in one sentence; empty if nothing is.

    Encrypted files are named soundly, but can be neither written nor read here.
    """
    sound = InboundName.parse(name) or IdSyncName.parse(name)
    if sound is not None:
        return "The file is encrypted." if isinstance(sound, InboundName) and sound.encryption else ""
    if match := _DATA.fullmatch(name):
        return _data_fault(match["numbers"].split("_"), match["endings"].split("."))
    if match := _ID_SYNC.fullmatch(name):
        return _id_sync_fault(match["numbers"].split("_"), match["endings"].split("."))
    return "The name begins neither with `ftp_dpm_` nor with `adobe_id_` or `c2c_id_`, each followed by numbers."


def _data_fault(numbers: list[str], endings: list[str]) -> str:
    if fault := _timestamp_fault(numbers):
        return fault
    if not 1 < len(numbers) <= _MOST_NUMBERS:
        return "A name bears a data source, a target data source if need be, and a timestamp."
    if endings[0] not in {"sync", "overwrite"}:
        return "The mode is neither `sync` nor `overwrite`."
    return _ending_fault(endings[1:]) or "The ids are those of a data source that all companies share: name a target."


def _id_sync_fault(numbers: list[str], endings: list[str]) -> str:
    if fault := _timestamp_fault(numbers):
        return fault
    if len(numbers) < _FEWEST_SYNC_NUMBERS:
        return "The name bears only one data source; ids are synchronised between two or more."
    if endings[0] != "sync":
        return "Ids are synchronised by `.sync` files only."
    return _ending_fault(endings[1:])


def _timestamp_fault(numbers: list[str]) -> str:
    return "" if len(numbers[-1]) == _TIMESTAMP_DIGITS else "The last number, the timestamp, does not have 10 digits."


def _ending_fault(endings: list[str]) -> str:
    if _ENCRYPTED & set(endings) and len(endings) > 1:
        return "The file is encrypted and also compressed or split."
    if "zip" in endings:
        return "The file is compressed by zip; only gzip is taken."
    split = r"(?:[0-9]+\.)?(?:gz\.)?"
    return (
        ""
        if re.fullmatch(split, "".join(f"{ending}." for ending in endings))
        else "The name ends otherwise than it may."
    )
