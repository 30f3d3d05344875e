import pyarrow as pa
import pytest
from audience_gateway.sdk import Reason, judged
from hypothesis import given
from hypothesis import strategies as st

flags = st.lists(st.tuples(st.none() | st.booleans(), st.none() | st.booleans()))


def booleans(values):
    return pa.array(values, pa.bool_())


def test_the_first_fault_is_the_reason():
    answer = judged(
        pa.array(["a", "b", "c"]),
        (booleans([True, False, None]), Reason.PLACEHOLDER_ID),
        (booleans([True, True, False]), Reason.INVALID_ID),
    )
    assert answer.reasons.to_pylist() == ["placeholder_id", "invalid_id", None]
    assert answer.values.to_pylist() == [None, None, "c"]


@given(flags)
def test_every_value_stays_or_has_a_reason(rows):
    answer = judged(
        pa.array([str(number) for number in range(len(rows))], pa.string()),
        (booleans([one for one, _ in rows]), Reason.WRONG_CASE),
        (booleans([other for _, other in rows]), Reason.INVALID_ID),
    )
    expected = ["wrong_case" if one else "invalid_id" if other else None for one, other in rows]
    assert answer.reasons.to_pylist() == expected
    assert answer.values.to_pylist() == [None if reason else str(number) for number, reason in enumerate(expected)]


@pytest.mark.parametrize("rows", [0, 3])
def test_a_column_without_faults_is_the_same_column(rows):
    column = pa.array(["a"] * rows, pa.string())
    answer = judged(column, (booleans([False] * rows), Reason.INVALID_ID))
    assert answer.values is column
    assert answer.reasons.null_count == rows
