"""Filters of lists: the query parameter `property`, `name==value` or `members~name==value` (rtcdp 1.3, 6.8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from audience_gateway_sandbox.platform.wire.call import Refusal

_FILTER = re.compile(r"(?:(?P<array>[\w.]+)~)?(?P<name>[\w.]+)==(?P<value>.*)", re.DOTALL)
Filter = Callable[[Mapping[str, Any]], bool]


def filter_of(expressions: Iterable[str]) -> Filter:
    """Read filters, all of which an object has to pass. Raises Refusal for one that cannot be read."""
    tests = [_test(expression) for expression in expressions]
    return lambda body: all(test(body) for test in tests)


def value_at(body: Any, path: str) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Find what is at a dotted path of an object; None if nothing is."""
    for name in path.split("."):
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _test(expression: str) -> Filter:
    found = _FILTER.fullmatch(expression)
    if found is None:
        raise Refusal(400, "The query parameter property must be name==value.")
    array, name, value = found["array"], found["name"], found["value"]
    if array is None:
        return lambda body: _is(value_at(body, name), value)
    return lambda body: any(_is(value_at(each, name), value) for each in _elements(value_at(body, array)))


def _elements(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is(found: object, text: str) -> bool:
    return found is not None and (str(found).lower() == text.lower() if isinstance(found, bool) else str(found) == text)
