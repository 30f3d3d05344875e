"""What a call of the Customer Data API asks for (audience-manager 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, IdKind, is_good
from audience_gateway_sandbox.audience_manager.profiles.id_kinds import kind_of_id
from audience_gateway_sandbox.audience_manager.store import Store

_SEPARATOR = "%01"
_MOST_DIGITS = 18


class OperationType(StrEnum):
    """What becomes of the traits that a profile has."""

    APPEND = "APPEND"
    OVERWRITE = "OVERWRITE"
    DELETE = "DELETE"


class BadOperation(ValueError):
    """An operation that makes no sense; the text says why, without any id."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the ids of data sources are.

    Attributes:
        store: the organisation's objects.
        takes_unknown: ids of data sources that it does not have are taken for those of customers.
    """

    store: Store
    takes_unknown: bool

    def of(self, data_source_id: int) -> IdKind | None:
        """Tell what the ids of a data source are; None if they are not taken."""
        unknown = IdKind.CUSTOMER if self.takes_unknown and data_source_id > AAM_UUID else None
        return kind_of_id(self.store, data_source_id) or unknown


@dataclass(frozen=True, slots=True)
class Identity:
    """An id of a profile."""

    kind: IdKind
    data_source_id: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A change of one profile.

    Attributes:
        identities: its ids; they are linked with each other.
        trait_ids: traits to write.
        signals: pairs of a key and a value, whose traits are written too.
        targets: data sources whose traits may be written; none for all.
        type: what becomes of the traits that it has.
        region: where the profile is; 0 if nothing is said.
    """

    identities: Sequence[Identity]
    trait_ids: Sequence[int] = ()
    signals: Sequence[tuple[str, str]] = ()
    targets: Sequence[int] = ()
    type: OperationType = OperationType.APPEND
    region: int = 0

    def __post_init__(self) -> None:
        if not self.identities:
            raise BadOperation("The operation has no identity.")
        if self.type is OperationType.OVERWRITE and len(self.targets) != 1:
            raise BadOperation("An OVERWRITE needs exactly one target data source.")


def read_operation(values: object, kinds: Kinds) -> Operation:
    """Read an operation of a stream: the documented object, or the short form with `d_cid` and `d_sid`.

    Raises BadOperation with what is wrong.
    """
    if not isinstance(values, Mapping):
        raise BadOperation("The operation is no object.")
    if "identities" not in values:
        return read_fields(values, kinds)
    hint = _object(values.get("routingHint"))
    return Operation(
        identities=[_identity(each, kinds) for each in _list(values["identities"])],
        trait_ids=_numbers(_object(values.get("traitInput")).get("traitIds")),
        signals=[_signal(each) for each in _list(_object(values.get("traitEvaluation")).get("data"))],
        targets=_numbers(values.get("targetDataSource")),
        type=_type(values.get("operationType") or OperationType.APPEND),
        region=next(iter(_numbers(hint.get("profileLocationId"))), 0),
    )


def read_fields(values: Mapping[str, object], kinds: Kinds) -> Operation:
    """Read the fields of one event: `d_mid`, `d_uuid`, `d_cid`, `d_sid`, `d_tdpid`, `d_ws`, `c_...`.

    `d_cid` is split at the characters `%01`, which stand there after one decoding (sandbox 4.2). Raises BadOperation.
    """
    identities = [_by_text(AAM_UUID, text, kinds) for text in _texts(values.get("d_uuid"))]
    identities += [_ecid(text) for text in _texts(values.get("d_mid"))]
    identities += [_customer(text, kinds) for text in _texts(values.get("d_cid"))]
    kind = next(iter(_texts(values.get("d_ws"))), "append")
    return Operation(
        identities=identities,
        trait_ids=_numbers(values.get("d_sid")),
        signals=[
            (name.lower(), text) for name, value in values.items() if name.startswith("c_") for text in _texts(value)
        ],
        targets=_numbers(values.get("d_tdpid")),
        type=_type(kind.upper()),
        region=next(iter(_numbers(values.get("d_location_id"))), 0),
    )


def _identity(values: object, kinds: Kinds) -> Identity:
    given = _object(values)
    value = str(given.get("value", ""))
    if given.get("namespaceCode") == "ECID":
        return _ecid(value)
    if (code := given.get("integrationCode")) is not None:
        sources = kinds.store.data_sources.all(integration_code=str(code))
        if not sources:
            raise BadOperation("There is no data source of this integration code.")
        return _by_text(sources[0].data_source_id, value, kinds)
    [number] = _numbers(given.get("dataSourceId")) or [-1]
    return _by_text(number, value, kinds)


def _customer(text: str, kinds: Kinds) -> Identity:
    source, separator, value = text.partition(_SEPARATOR) if _SEPARATOR in text else text.partition("\x01")
    if not separator or not source.isdecimal() or len(source) > _MOST_DIGITS:
        raise BadOperation("A d_cid is not <data source>%01<id>.")
    return _by_text(int(source), value.partition(_SEPARATOR)[0], kinds)


def _by_text(data_source_id: int, value: str, kinds: Kinds) -> Identity:
    kind = kinds.of(data_source_id)
    if kind is None:
        raise BadOperation("There is no data source of this number.")
    if not is_good(kind, data_source_id, value):
        raise BadOperation("An id is not valid for its data source.")
    return Identity(kind, data_source_id, value)


def _ecid(value: str) -> Identity:
    if not is_good(IdKind.ECID, AAM_UUID, value):
        raise BadOperation("An Experience Cloud ID is not valid.")
    return Identity(IdKind.ECID, AAM_UUID, value)


def _type(text: object) -> OperationType:
    try:
        return OperationType(str(text))
    except ValueError:
        raise BadOperation("The type of the operation is none of APPEND, OVERWRITE, DELETE.") from None


def _signal(values: object) -> tuple[str, str]:
    signal = _object(values)
    return str(signal.get("key", "")).lower(), str(signal.get("value", ""))


def _object(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadOperation("A member of the operation is no object.")
    return value


def _list(value: object) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def _texts(value: object) -> list[str]:
    return [str(each) for each in _list(value) if str(each)]


def _numbers(value: object) -> list[int]:
    texts = [part.strip() for text in _texts(value) for part in text.split(",")]
    if not all(text.isdecimal() and len(text) <= _MOST_DIGITS for text in texts):
        raise BadOperation("What has to be a number is none.")
    return [int(text) for text in texts]
