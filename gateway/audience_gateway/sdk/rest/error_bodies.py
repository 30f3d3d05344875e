"""Bodies of errors, in the forms that Adobe's services use: code and text, as far as they have them.

The API gateway says `error_code`, as text in one guide and as a number in another, and `message` (ims 8); segmentation
has `type`, whose end is the code, and `errors` by status (rtcdp 1.4); the flow service has `errorMessage`, other
services `title` and `detail`.
"""

from __future__ import annotations

import re

_MAY_NAME_SOMEBODY = re.compile(r"\S*[\d@]\S*")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LONGEST_TEXT = 200


def code_of(answer: object) -> str:
    """The system's own code; empty if it names none."""
    body = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(body, dict):
        return ""
    type_ = body.get("type")
    said = (
        body.get("error_code"),
        type_.rpartition("/")[2] if isinstance(type_, str) else None,
        _listed(body).get("code"),
    )
    return next((str(code) for code in said if isinstance(code, str | int) and _CODE.fullmatch(str(code))), "")


def text_of(answer: object) -> str:
    """What the system says, behind a colon and without words that may name somebody; empty if it says nothing."""
    body = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(body, dict):
        return ""
    said = (_listed(body).get("message"), *(body.get(name) for name in ("message", "errorMessage", "detail", "title")))
    text = next((each for each in said if isinstance(each, str) and each), "")
    if not text.isprintable():
        return ""
    return f": {_MAY_NAME_SOMEBODY.sub('…', text)[:_LONGEST_TEXT]}{_policies(body)}"


def _policies(body: dict[str, object]) -> str:
    """Names of the policies that forbid what was asked (rtcdp 8.2), in brackets; empty if none is named."""
    violated = body.get("violatedPolicies")
    names = [each.get("name") for each in violated if isinstance(each, dict)] if isinstance(violated, list) else []
    told = [name for name in names if isinstance(name, str) and name.isprintable()]
    return f" ({', '.join(told)[:_LONGEST_TEXT]})" if told else ""


def _listed(body: dict[str, object]) -> dict[str, object]:
    """The first error of `errors`, which is keyed by status."""
    errors = body.get("errors")
    by_status = next(iter(errors.values()), None) if isinstance(errors, dict) else None
    first = by_status[0] if isinstance(by_status, list) and by_status else None
    return first if isinstance(first, dict) else {}
