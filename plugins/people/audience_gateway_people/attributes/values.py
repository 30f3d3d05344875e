"""Which members can be written: they need a customer id, and values of the attributes' types (people-and-ids 8.3)."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Refusal

from audience_gateway_people.attributes.limits import LONGEST_VALUE
from audience_gateway_people.attributes.settings import AttributeType, CustomerAttributesSettings

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_CONTROL = r"[\x00-\x1f\x7f]"
_FORMS = {
    AttributeType.INTEGER: (r"^-?[0-9]+$", "NOT_AN_INTEGER", "is no whole number"),
    AttributeType.NUMBER: (r"^-?[0-9]+(\.[0-9]{1,2})?$", "NOT_A_NUMBER", "is no number of up to two decimals"),
}


def refused(
    ids: pa.StringArray, attributes: pa.RecordBatch, settings: CustomerAttributesSettings
) -> tuple[Refusal, ...]:
    """The members that cannot be written, in their order, each with the first thing that is wrong with it."""
    found: dict[int, Refusal] = {}
    for rows, code, detail in _findings(ids, attributes, settings):
        for index in pc.indices_nonzero(pc.fill_null(rows, False)).to_pylist():
            found.setdefault(index, Refusal(index, code, detail))
    return tuple(found[index] for index in sorted(found))


def _findings(
    ids: pa.StringArray, attributes: pa.RecordBatch, settings: CustomerAttributesSettings
) -> Iterator[tuple[pa.BooleanArray, str, str]]:
    yield pc.fill_null(pc.equal(ids, ""), True), "ID_EMPTY", "The customer id is empty."
    yield pc.match_substring_regex(ids, _CONTROL), "ID_WITH_CONTROL", "A customer id cannot hold control characters."
    if settings.refuse_emails:
        yield pc.match_substring_regex(ids, _EMAIL), "ID_IS_EMAIL", "Adobe takes no e-mail address in clear as an id."
    for name, attribute in settings.attributes.items():
        values = attributes.column(name)
        if attribute.type in _FORMS:
            form, code, finding = _FORMS[attribute.type]
            yield pc.invert(pc.match_substring_regex(values, form)), code, f"The attribute `{name}` {finding}."
        elif settings.long_values == "refuse":
            many = f"The attribute `{name}` has more than {LONGEST_VALUE} characters, of which Analytics cuts the rest."
            yield pc.greater(pc.utf8_length(values), LONGEST_VALUE), "VALUE_TOO_LONG", many
