import re
import uuid

import pyarrow as pa
import pytest
from audience_gateway.sdk import PLACEHOLDERS, Codec, ConfigError, DataSource, Reconciler
from audience_gateway_device_id.formats import FORMATS
from audience_gateway_device_id.strategy import DeviceId
from hypothesis import given
from hypothesis import strategies as st

GAID, IDFA, RIDA, MAID, FIRE_TV, TIFA, LG, VIZIO = 20914, 20915, 121963, 389146, 488258, 963906, 1171485, 1171489
LOWER, ALPHANUMERIC = (GAID, RIDA, FIRE_TV, LG), (MAID, TIFA, VIZIO)
DEVICE = "e4fe9bde-caa0-47b6-908d-ffba3fa184f2"

ids = (
    st.uuids().map(str)
    | st.uuids().map(lambda device: str(device).upper())
    | st.text("0123456789abcdefABCDEF-", min_size=34, max_size=38)
    | st.text(max_size=66)
    | st.sampled_from(sorted(PLACEHOLDERS))
)


def source(number):
    return DataSource(name="devices", id_type="device_id", aam_data_source_id=number)


def normalise(number, *values, encoded=True):
    answer = DeviceId().normalise(pa.array(values, pa.string()), source(number), encoded=encoded)
    return list(zip(answer.values.to_pylist(), answer.reasons.to_pylist(), strict=True))


@pytest.mark.parametrize("number", LOWER)
def test_these_kinds_are_written_in_lower_case(number):
    assert normalise(number, DEVICE, DEVICE.upper()) == [(DEVICE, None), (None, "wrong_case")]


def test_apple_writes_in_upper_case():
    assert normalise(IDFA, DEVICE.upper(), DEVICE) == [(DEVICE.upper(), None), (None, "wrong_case")]


@pytest.mark.parametrize("number", ALPHANUMERIC)
@pytest.mark.parametrize("text", ["7XCBNROQJQPYW", "7xcbnroqjqpyw", DEVICE, "a" * 64])
def test_these_kinds_are_letters_and_digits_in_any_case(number, text):
    assert normalise(number, text) == [(text, None)]


@pytest.mark.parametrize("number", FORMATS)
@pytest.mark.parametrize("zeros", [str(uuid.UUID(int=0)), "0" * 32, "0"])
def test_all_zeros_say_that_a_device_has_no_id(number, zeros):
    assert normalise(number, zeros) == [(None, "zero_device_id")]


@pytest.mark.parametrize("number", FORMATS)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no_id"),
        ("", "invalid_id"),
        (f" {DEVICE}", "invalid_id"),
        (DEVICE + "\n", "invalid_id"),
        ("ä" * 13, "invalid_id"),
        ("\N{KELVIN SIGN}LM", "invalid_id"),
        ("NOTARGET", "placeholder_id"),
        ("null", "placeholder_id"),
        ("undefined", "placeholder_id"),
    ],
)
def test_anything_else_has_no_value_but_a_reason(number, text, reason):
    assert normalise(number, text) == [(None, reason)]


@pytest.mark.parametrize("text", [DEVICE.replace("-", ""), DEVICE[:-1], DEVICE + "0", DEVICE.replace("e", "g")])
def test_what_is_not_written_like_a_uuid_is_invalid(text):
    assert normalise(GAID, text) == [(None, "invalid_id")]


def test_a_mixture_of_both_cases_is_the_wrong_case():
    assert normalise(GAID, DEVICE.capitalize()) == [(None, "wrong_case")]
    assert normalise(IDFA, DEVICE.upper().replace("E4FE", "e4FE")) == [(None, "wrong_case")]


def test_the_kind_comes_from_the_data_source_and_never_from_the_look():
    assert normalise(MAID, DEVICE) == [(DEVICE, None)]
    assert normalise(IDFA, DEVICE) == [(None, "wrong_case")]


@given(st.sampled_from(sorted(FORMATS)), st.lists(st.none() | ids), st.booleans())
def test_every_row_has_either_a_value_that_fits_or_a_reason(number, texts, encoded):
    rows = normalise(number, *texts, encoded=encoded)
    assert len(rows) == len(texts)
    for text, (value, reason) in zip(texts, rows, strict=True):
        assert (value is None) != (reason is None)
        assert value is None or (value == text and re.fullmatch(FORMATS[number].pattern[:-1], value))


@given(st.sampled_from(sorted(FORMATS)), st.lists(ids))
def test_normalising_twice_changes_nothing_more(number, texts):
    valid = [row for row in normalise(number, *texts) if row[0] is not None]
    assert normalise(number, *(value for value, _ in valid)) == valid


@pytest.mark.parametrize("number", [0, 38888])
def test_a_data_source_that_names_no_kind_is_refused_with_the_kinds_that_there_are(number):
    with pytest.raises(ConfigError) as refusal:
        DeviceId().check(source(number))
    assert refusal.value.place == "data_sources.devices.aam_data_source_id"
    assert all(str(known) in refusal.value.remedy for known in FORMATS)


def test_a_data_source_with_a_codec_is_refused():
    with pytest.raises(ConfigError) as refusal:
        DeviceId().check(DataSource(name="devices", id_type="device_id", aam_data_source_id=GAID, codec=Codec.SHA256))
    assert refusal.value.place == "data_sources.devices.codec"


@pytest.mark.parametrize("number", FORMATS)
def test_a_data_source_of_a_known_kind_is_accepted(number):
    DeviceId().check(source(number))


def test_it_is_a_reconciliation_strategy():
    assert isinstance(DeviceId(), Reconciler)
