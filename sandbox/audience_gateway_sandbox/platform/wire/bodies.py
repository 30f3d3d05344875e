"""Bodies of requests: typed dictionaries, checked, with unknown members left in (sandbox 1.2)."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from audience_gateway_sandbox.platform.wire.call import Refusal

OPEN = ConfigDict(extra="allow", strict=True)
"""`__pydantic_config__` of bodies: unknown members are kept, and `"1"` is no number."""

_MOST_FINDINGS = 3
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half a character, perhaps, which cannot be stored."""


def read_json(content: bytes) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Read JSON. Raises Refusal if it is none."""
    try:
        body = json.loads(content, parse_constant=_refuse)
        if _SURROGATE.search(content):
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON.", title="BadRequestError") from None
    return body


def _refuse(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def checked(kind: TypeAdapter[Any], body: Any) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Check JSON against a type and answer it. Raises Refusal with the places of what is wrong, not with values."""
    try:
        return kind.validate_python(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        places = [f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}" for each in found[:_MOST_FINDINGS]]
        raise Refusal(400, f"Validation failed. {'; '.join(places)}", title="BadRequestError") from None
