import pyarrow as pa
import pytest
from audience_gateway.sdk import is_personal_data


@pytest.mark.parametrize(
    "text",
    [
        "johndoe@example.com",
        " John.Doe+tag@mail.example.com\n",
        "jörg@exämple.de",
        "+49 30 901820",
        "(+1) 555-010-9999",
    ],
)
def test_addresses_and_international_numbers_are_personal_data(text):
    assert is_personal_data(pa.array([text])).to_pylist() == [True]


@pytest.mark.parametrize(
    "text",
    ["rcp-0042", "4930901820", "030 901820", "user@tenant", "a@b@example.com", "+", "+12", "@", "A+", "5.98E+37", ""],
)
def test_what_may_be_a_number_of_yours_is_none(text):
    assert is_personal_data(pa.array([text])).to_pylist() == [False]


def test_null_is_not_judged():
    assert is_personal_data(pa.array([None, "a@example.org"])).to_pylist() == [None, True]
