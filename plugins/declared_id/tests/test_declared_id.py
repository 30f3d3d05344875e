import hashlib

import pyarrow as pa
import pytest
from audience_gateway.sdk import PLACEHOLDERS, RECIPES, Codec, ConfigError, DataSource, Reconciler, hash_of_empty
from audience_gateway_declared_id.strategy import DeclaredId
from hypothesis import given
from hypothesis import strategies as st

JOHN = "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149"
HASHES = (Codec.MD5, Codec.SHA1, Codec.SHA256)

sources = st.builds(
    DataSource,
    name=st.just("crm"),
    id_type=st.just("declared_id"),
    codec=st.sampled_from(Codec),
    recipe=st.sampled_from(sorted(RECIPES)),
)
hex_texts = st.text("0123456789abcdefABCDEF", min_size=30, max_size=66)
real_hashes = st.builds(
    lambda codec, text: hashlib.new(codec, text.encode()).hexdigest(), st.sampled_from(HASHES), st.just("") | st.text()
)
ids = st.text(max_size=20) | st.emails() | hex_texts | real_hashes | st.sampled_from(sorted(PLACEHOLDERS))


def data_source(codec=Codec.NONE, recipe="trim"):
    return DataSource(name="crm", id_type="declared_id", codec=codec, recipe=recipe)


def normalise(source, *values, encoded=False):
    answer = DeclaredId().normalise(pa.array(values, pa.string()), source, encoded=encoded)
    assert answer.values.type == answer.reasons.type == pa.string()
    return list(zip(answer.values.to_pylist(), answer.reasons.to_pylist(), strict=True))


@pytest.mark.parametrize("encoded", [False, True])
def test_without_a_codec_only_the_recipe_is_applied(encoded):
    source = data_source(recipe="lower")
    assert normalise(source, " RCP-0042 ", encoded=encoded) == [("rcp-0042", None)]


def test_ids_in_clear_are_normalised_and_then_hashed():
    source = data_source(Codec.SHA256, "email")
    assert normalise(source, " JohnDoe@Example.com ") == [(JOHN, None)]


@pytest.mark.parametrize("text", [JOHN, JOHN.upper(), f" {JOHN}\n"])
def test_hashes_are_taken_in_any_case_and_spacing(text):
    assert normalise(data_source(Codec.SHA256, "email"), text, encoded=True) == [(JOHN, None)]


@pytest.mark.parametrize("codec", HASHES)
def test_both_sides_of_a_hashed_data_source_meet(codec):
    source = data_source(codec, "email@1")
    outside = hashlib.new(codec, b"ecid@adobe.com").hexdigest().upper()
    assert normalise(source, "ECID@adobe.com") == normalise(source, outside, encoded=True)


@pytest.mark.parametrize(
    ("recipe", "text", "reason"),
    [
        ("email", None, "no_id"),
        ("email", "", "invalid_id"),
        ("email", "  ", "invalid_id"),
        ("email", "johndoe", "invalid_id"),
        ("email", "not-set", "placeholder_id"),
        ("exact", " NULL ", "placeholder_id"),
        ("trim", "0", "placeholder_id"),
    ],
)
@pytest.mark.parametrize("codec", Codec)
def test_an_id_in_clear_that_cannot_be_used_has_a_reason(codec, recipe, text, reason):
    assert normalise(data_source(codec, recipe), text) == [(None, reason)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no_id"),
        ("", "invalid_id"),
        ("undefined", "placeholder_id"),
        (JOHN[:-1], "invalid_id"),
        (JOHN + "0", "invalid_id"),
        ("g" * 64, "invalid_id"),
        (hashlib.md5(b"johndoe@example.com", usedforsecurity=False).hexdigest(), "invalid_id"),
        ("johndoe@example.com", "invalid_id"),
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hash_of_empty"),
        ("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", "hash_of_empty"),
    ],
    ids=[
        "no id",
        "empty",
        "placeholder",
        "one short",
        "one long",
        "not hex",
        "another codec's",
        "in clear",
        "hash of empty",
        "hash of empty in upper case",
    ],
)
def test_a_text_that_is_no_hash_of_an_id_has_a_reason(text, reason):
    assert normalise(data_source(Codec.SHA256, "email"), text, encoded=True) == [(None, reason)]


@pytest.mark.parametrize("codec", HASHES)
def test_the_hash_of_an_empty_value_is_nobodys_id(codec):
    assert normalise(data_source(codec), hash_of_empty(codec), encoded=True) == [(None, "hash_of_empty")]


@pytest.mark.parametrize("text", ["crm:42", "crm%3A42", "crm%3a42", "crm\t42", "crm\n42", "crm\r42"])
def test_an_id_in_clear_that_would_break_a_file_is_invalid(text):
    assert normalise(data_source(), text) == [(None, "invalid_id")]


def test_an_id_that_is_hashed_may_hold_what_a_file_may_not():
    assert normalise(data_source(Codec.MD5), "crm:42") == [("78f59bcea4c2afd9603f504363956868", None)]


@given(sources, st.lists(st.none() | ids), st.booleans())
def test_every_row_has_either_a_value_or_a_reason(source, texts, encoded):
    rows = normalise(source, *texts, encoded=encoded)
    assert len(rows) == len(texts)
    assert all((value is None) != (reason is None) for value, reason in rows)


@given(sources, st.lists(ids), st.booleans())
def test_normalising_what_was_normalised_changes_nothing_more(source, texts, encoded):
    valid = [row for row in normalise(source, *texts, encoded=encoded) if row[0] is not None]
    assert normalise(source, *(value for value, _ in valid), encoded=True) == valid


def test_an_unknown_recipe_is_refused_with_the_allowed_ones():
    with pytest.raises(ConfigError) as refusal:
        DeclaredId().check(data_source(recipe="e-mail"))
    assert refusal.value.place == "data_sources.crm.recipe"
    assert "`e-mail`" in refusal.value.message
    assert all(label in refusal.value.remedy for label in RECIPES)


@pytest.mark.parametrize("recipe", ["email", "email@1"])
def test_a_recipe_is_found_with_and_without_its_version(recipe):
    DeclaredId().check(data_source(recipe=recipe))


def test_it_is_a_reconciliation_strategy():
    assert isinstance(DeclaredId(), Reconciler)
