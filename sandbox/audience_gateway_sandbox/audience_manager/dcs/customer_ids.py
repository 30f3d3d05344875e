"""Customer IDs of a call: `d_cid=<data source>%01<id>[%01<state>]`, `d_cid_ic=<integration code>%01...`.

People-and-ids 3.2: the raw value is split at the three characters `%01` first, and decoded then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from audience_gateway_sandbox.audience_manager.dcs.errors import Code
from audience_gateway_sandbox.audience_manager.dcs.parameters import Parameters, decoded
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, IdKind, is_good
from audience_gateway_sandbox.audience_manager.profiles.id_kinds import kind_of_id
from audience_gateway_sandbox.audience_manager.profiles.links import AuthState
from audience_gateway_sandbox.audience_manager.store import Store

MOST_IDS = 10
MOST_OF_A_NAMESPACE = 3
_SEPARATOR = "%01"
_STATES = {"": AuthState.UNKNOWN, **{str(int(state)): state for state in AuthState}}


@dataclass(frozen=True, slots=True)
class CustomerId:
    """An id of a call.

    Attributes:
        data_source_id: whose.
        kind: what it is an id of.
        value: the id.
        state: whether the visitor is logged in.
        is_id_sync: it came with an ID synchronization, which tells no state.
    """

    data_source_id: int
    kind: IdKind
    value: str
    state: AuthState = AuthState.UNKNOWN
    is_id_sync: bool = False


class _Bad(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def read_customer_ids(parameters: Parameters, store: Store) -> tuple[list[CustomerId], list[Code]]:
    """Read the customer IDs of a call, and tell what is wrong with others."""
    sources: dict[str, Callable[[str], int]] = {"d_cid": _number, "d_cid_ic": lambda code: _by_code(store, code)}
    given = [(raw, sources[name]) for name, raw in parameters.pairs if name in sources]
    errors: list[Code] = []
    if len(given) > MOST_IDS:
        errors += [Code.TOO_MANY_IDS, *[Code.DISCARDED_ID] * (len(given) - MOST_IDS)]
        del given[MOST_IDS:]
    found: list[CustomerId] = []
    of_source: Counter[int] = Counter()
    for raw, source_of in given:
        try:
            id_ = _read(raw, source_of, store)
        except _Bad as bad:
            errors.append(bad.code)
            continue
        of_source[id_.data_source_id] += 1
        if of_source[id_.data_source_id] > MOST_OF_A_NAMESPACE:
            errors += [
                *[Code.TOO_MANY_OF_A_NAMESPACE] * (Code.TOO_MANY_OF_A_NAMESPACE not in errors),
                Code.DISCARDED_ID,
            ]
        else:
            found.append(id_)
    if given and not found:
        errors.append(Code.NO_GOOD_CUSTOMER_ID)
    return found, errors


def read_id_sync(parameters: Parameters, store: Store) -> tuple[list[CustomerId], list[Code]]:
    """Read the older form, `d_dpid` and `d_dpuuid`, or `dpid` and `dpuuid` of an ID synchronization."""
    source = parameters.text("d_dpid") or parameters.text("dpid")
    value = parameters.text("d_dpuuid") or parameters.text("dpuuid")
    if not source:
        return [], []
    try:
        checked = _checked(_number(source), value, AuthState.UNKNOWN, store)
    except _Bad as bad:
        return [], [bad.code]
    return [CustomerId(checked.data_source_id, checked.kind, checked.value, is_id_sync=True)], []


def _read(raw: str, source_of: Callable[[str], int], store: Store) -> CustomerId:
    parts = raw.split(_SEPARATOR) if _SEPARATOR in raw else decoded(raw).split("\x01")
    if not 2 <= len(parts) <= 3:  # noqa: PLR2004 - a source, an id, and perhaps a state
        raise _Bad(Code.BAD_CUSTOMER_ID)
    source, value, state = (*map(decoded, parts), "")[:3]
    if state not in _STATES:
        raise _Bad(Code.BAD_CUSTOMER_ID)
    return _checked(source_of(source), value, _STATES[state], store)


def _checked(source: int, value: str, state: AuthState, store: Store) -> CustomerId:
    kind = kind_of_id(store, source)
    if kind is None or source == AAM_UUID:
        raise _Bad(Code.UNKNOWN_DATA_SOURCE)
    if not is_good(kind, source, value):
        raise _Bad(Code.BAD_DEVICE_ID if kind is IdKind.DEVICE else Code.BAD_CUSTOMER_ID)
    return CustomerId(source, kind, value, state)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise _Bad(Code.UNKNOWN_DATA_SOURCE)
    return int(text)


def _by_code(store: Store, code: str) -> int:
    """Find a data source by its integration code; codes compare with their case."""
    for source in store.data_sources.all(integration_code=code) if code else ():
        return source.data_source_id
    raise _Bad(Code.UNKNOWN_DATA_SOURCE)


_MOST_DIGITS = 18
