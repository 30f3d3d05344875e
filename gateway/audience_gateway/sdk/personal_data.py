"""Personal data in clear, which no id may be unless its data source says so (people-and-ids 5).

By which patterns they are known the documents leave open. These are narrow: what has no `@`, and no `+` in front, may
be a customer number, and what an id is comes from its data source.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_EMAIL = r"^\s*[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+\s*$"
_PHONE = r"^[\s(]*\+[\s().\-/]*[1-9](?:[\s().\-/]*[0-9]){6,14}[\s).]*$"


def is_personal_data(column: pa.StringArray) -> pa.BooleanArray:
    """Of each value of a string column, whether it is an e-mail address or an international phone number."""
    signs = pc.match_substring_regex(column, "[@+]")
    if not signs.true_count:
        return signs
    return pc.or_(pc.match_substring_regex(column, _EMAIL), pc.match_substring_regex(column, _PHONE))
