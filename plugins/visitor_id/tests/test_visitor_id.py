import pyarrow as pa
import pytest
from audience_gateway.sdk import PLACEHOLDERS, Codec, ConfigError, DataSource, Reconciler
from audience_gateway_visitor_id.strategy import VisitorId
from hypothesis import given
from hypothesis import strategies as st

SOURCE = DataSource(name="visitor-id", id_type="visitor_id")
LIMIT = 2**63 - 1

halves = st.integers(0, 10**19 - 1) | st.integers(LIMIT - 2, LIMIT + 2) | st.integers(0, 3)
digits = st.builds("{:019d}{:019d}".format, halves, halves)
near_misses = st.text("0123456789٣ X+-_\n", max_size=39) | digits.map(lambda text: text + "\n")
ids = digits | near_misses | st.text(max_size=40) | st.sampled_from(sorted(PLACEHOLDERS))


def normalise(*values, encoded=True):
    return VisitorId().normalise(pa.array(values, pa.string()), SOURCE, encoded=encoded)


def valid_by_definition(text):
    if len(text) != 38 or any(character not in "0123456789" for character in text):
        return False
    return int(text[:19]) <= LIMIT and int(text[19:]) <= LIMIT


@pytest.mark.parametrize(
    "visitor_id",
    [
        "59767559181262060060278870901087098252",
        "00088008579683653741516297509717335000",
        "92233720368547758079223372036854775807",
        "0" * 38,
    ],
    ids=["ordinary", "leading zeros", "both halves at the limit", "all zeros"],
)
def test_valid_visitor_id_stays_as_it_is(visitor_id):
    answer = normalise(visitor_id)
    assert (answer.values.to_pylist(), answer.reasons.to_pylist()) == ([visitor_id], [None])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("92233720368547758080000000000000000000", "invalid_id"),
        ("00000000000000000009223372036854775808", "invalid_id"),
        ("5976755918126206006027887090108709825", "invalid_id"),
        ("0578240750487542456854736923319946899715232", "invalid_id"),
        ("5976755918126206006027887090108709825X", "invalid_id"),
        ("\u0665" * 38, "invalid_id"),
        (" 59767559181262060060278870901087098252", "invalid_id"),
        ("59767559181262060060278870901087098252\n", "invalid_id"),
        ("5.9767559181262E+37", "invalid_id"),
        ("", "invalid_id"),
        ("NOTARGET", "placeholder_id"),
        ("not-set", "placeholder_id"),
        ("0", "placeholder_id"),
        (None, "no_id"),
    ],
    ids=[
        "first half is 2^63",
        "second half is 2^63",
        "37 digits",
        "43 digits",
        "a letter",
        "digits of another script",
        "leading blank",
        "trailing line feed",
        "went through a spreadsheet",
        "empty",
        "opt-out marker",
        "placeholder",
        "zero",
        "no id",
    ],
)
def test_anything_else_has_no_value_but_a_reason(text, reason):
    answer = normalise(text)
    assert (answer.values.to_pylist(), answer.reasons.to_pylist()) == ([None], [reason])


@given(st.lists(ids))
def test_valid_are_exactly_those_of_the_definition(texts):
    assert normalise(*texts).values.to_pylist() == [text if valid_by_definition(text) else None for text in texts]


@given(st.lists(st.none() | ids), st.booleans())
def test_every_row_has_either_a_value_or_a_reason(texts, encoded):
    answer = normalise(*texts, encoded=encoded)
    assert answer.values.type == answer.reasons.type == pa.string()
    assert len(answer.values) == len(answer.reasons) == len(texts)
    for value, reason in zip(answer.values.to_pylist(), answer.reasons.to_pylist(), strict=True):
        assert (value is None) != (reason is None)


@given(st.lists(ids))
def test_normalising_twice_changes_nothing_more(texts):
    values = normalise(*texts).values.drop_null()
    assert normalise(*values.to_pylist()).values.equals(values)


@pytest.mark.parametrize("codec", [Codec.MD5, Codec.SHA1, Codec.SHA256])
def test_a_data_source_with_a_codec_is_refused(codec):
    with pytest.raises(ConfigError) as refusal:
        VisitorId().check(DataSource(name="site", id_type="visitor_id", codec=codec))
    assert refusal.value.place == "data_sources.site.codec"
    assert codec in refusal.value.message


def test_a_data_source_without_a_codec_is_accepted():
    VisitorId().check(SOURCE)


def test_a_data_source_of_devices_is_of_another_namespace():
    with pytest.raises(ConfigError) as refusal:
        VisitorId().check(DataSource(name="phones", id_type="visitor_id", aam_data_source_id=20915))
    assert refusal.value.place == "data_sources.phones.aam_data_source_id"
    assert "device_id" in refusal.value.remedy


def test_it_is_a_reconciliation_strategy():
    assert isinstance(VisitorId(), Reconciler)
