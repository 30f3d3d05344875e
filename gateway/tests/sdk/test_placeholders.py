import pyarrow as pa
import pytest
from audience_gateway.sdk import PLACEHOLDERS, is_placeholder


@pytest.mark.parametrize("text", sorted(PLACEHOLDERS))
def test_each_placeholder_is_found_in_any_case_and_spacing(text):
    assert is_placeholder(pa.array([text, text.upper(), f" \u00a0{text.title()}\t"])).to_pylist() == [True] * 3


@pytest.mark.parametrize("text", ["00", "nullman", "none@example.com", "unknown-17", ""])
def test_an_id_that_only_resembles_a_placeholder_is_none(text):
    assert is_placeholder(pa.array([text])).to_pylist() == [False]


def test_null_is_no_placeholder():
    assert is_placeholder(pa.array([None], pa.string())).to_pylist() == [False]
