"""What the bytes of a column tell, however it was cut out of another one."""

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import byte_range, is_printable_ascii, may_have
from audience_gateway.sdk.text_bytes import count_of, lowered, trimmed
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.lists(st.none() | st.text(max_size=6) | st.text(st.characters(min_codepoint=32, max_codepoint=126)))


@given(TEXTS, st.integers(0, 5), st.integers(0, 5))
def test_trimmed_and_lowered_are_what_unicode_says(texts, first, many):
    column = pa.array(texts, pa.string()).slice(first, many)
    assert trimmed(column).equals(pc.utf8_trim_whitespace(column))
    assert lowered(column).equals(pc.utf8_lower(column))


@given(st.lists(st.text(max_size=6)), st.integers(0, 5), st.integers(0, 5))
def test_only_the_bytes_of_a_slice_count(texts, first, many):
    joined = "".join(texts[first : first + many]).encode()
    column = pa.array(texts, pa.string()).slice(first, many)
    assert byte_range(column) == ((min(joined), max(joined)) if joined else None)
    assert may_have(column, "a") == (b"a" in joined)
    assert count_of(column, "a") == joined.count(b"a")


def test_blanks_are_printable_and_tabs_and_accents_are_not():
    assert is_printable_ascii(pa.array(["a b~", None, ""]))
    assert not is_printable_ascii(pa.array(["a\tb"]))
    assert not is_printable_ascii(pa.array(["é"]))
