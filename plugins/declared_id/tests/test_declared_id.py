import hashlib

import pyarrow as pa
import pytest
from audience_gateway.sdk import (
    PLACEHOLDERS,
    RECIPES,
    Codec,
    ConfigError,
    DataSource,
    Reconciler,
    Secret,
    TextForm,
    encode,
)
from audience_gateway_declared_id.strategy import DeclaredId
from hypothesis import given
from hypothesis import strategies as st

JOHN = "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149"
HASHES = (Codec.MD5, Codec.SHA1, Codec.SHA256)
ENCODING = tuple(codec for codec in Codec if codec is not Codec.NONE)


def data_source(codec=Codec.NONE, recipe="trim", **settings):
    if codec in {Codec.HMAC_SHA256, Codec.AES_CBC}:
        settings["key"] = Secret("env:DECLARED_ID_KEY")
    if codec is Codec.AES_CBC:
        settings["iv"] = Secret("env:DECLARED_ID_IV")
    return DataSource(name="crm", id_type="declared_id", codec=codec, recipe=recipe, **settings)


@pytest.fixture(scope="module", autouse=True)
def keys():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DECLARED_ID_KEY", "2b7e151628aed2a6abf7158809cf4f3c")
        patch.setenv("DECLARED_ID_IV", "000102030405060708090a0b0c0d0e0f")
        yield


sources = st.builds(
    data_source,
    st.sampled_from(Codec),
    st.sampled_from(sorted(RECIPES)),
    clear_digests=st.booleans(),
    personal_data=st.booleans(),
)
hex_texts = st.text("0123456789abcdefABCDEF", min_size=30, max_size=66)
real_hashes = st.builds(
    lambda codec, text: hashlib.new(codec, text.encode()).hexdigest(), st.sampled_from(HASHES), st.just("") | st.text()
)
ids = st.text(max_size=20) | st.emails() | hex_texts | real_hashes | st.sampled_from(sorted(PLACEHOLDERS))


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


@pytest.mark.parametrize("codec", ENCODING)
def test_both_sides_of_an_encoded_data_source_meet(codec):
    source = data_source(codec, "email@1")
    (outside,) = encode(source, pa.array(["ecid@adobe.com"])).to_pylist()
    assert normalise(source, "ECID@adobe.com") == normalise(source, outside.upper(), encoded=True) == [(outside, None)]


def test_an_encrypted_id_is_what_it_would_be_had_the_recipe_been_applied():
    source = data_source(Codec.AES_CBC, "email")
    careless, careful = encode(source, pa.array([" ECID@adobe.com", "ecid@adobe.com"])).to_pylist()
    assert normalise(source, careless, careful, encoded=True) == [(careful, None)] * 2


def test_ids_may_be_encrypted_as_base64():
    source = data_source(Codec.AES_CBC, "email", text_form=TextForm.BASE64)
    ((code, _),) = normalise(source, "ecid@adobe.com")
    assert code.endswith("=")
    assert normalise(source, code, encoded=True) == [(code, None)]
    assert normalise(source, code.swapcase(), encoded=True) != [(code, None)]


@pytest.mark.parametrize("codec", ENCODING)
def test_ids_that_were_encoded_before_they_were_stored_are_not_encoded_again(codec):
    (code,) = encode(data_source(codec), pa.array(["rcp-0042"])).to_pylist()
    assert normalise(data_source(codec, pre_encoded=True), code.upper()) == [(code, None)]


@pytest.mark.parametrize("codec", ENCODING)
def test_what_is_encoded_is_not_encoded_again_by_mistake(codec):
    (code,) = encode(data_source(codec), pa.array(["rcp-0042"])).to_pylist()
    assert normalise(data_source(codec), code, code.upper()) == [(None, "encoded_twice")] * 2
    ((twice, reason),) = normalise(data_source(codec, clear_digests=True), code)
    assert (twice != code, reason) == (True, None)


def test_encrypted_with_another_key_an_id_is_not_decryptable(monkeypatch):
    source = data_source(Codec.AES_CBC)
    codes = encode(source, pa.array(["a", "somewhat longer than a block", None])).to_pylist()
    monkeypatch.setenv("DECLARED_ID_KEY", "00" * 16)
    assert normalise(source, *codes, encoded=True) == [(None, "not_decryptable")] * 2 + [(None, "no_id")]


@pytest.mark.parametrize(
    ("clear", "reason"),
    [("", "hash_of_empty"), (" ", "hash_of_empty"), ("undefined", "placeholder_id"), ("johndoe", "invalid_id")],
)
def test_what_is_encrypted_is_judged_by_what_it_says(clear, reason):
    source = data_source(Codec.AES_CBC, "email")
    codes = encode(source, pa.array([clear])).to_pylist()
    assert normalise(source, *codes, encoded=True) == [(None, reason)]


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
        ("", "not_encoded"),
        ("undefined", "placeholder_id"),
        (JOHN[:-1], "not_encoded"),
        (JOHN + "0", "not_encoded"),
        ("g" * 64, "not_encoded"),
        (hashlib.md5(b"johndoe@example.com", usedforsecurity=False).hexdigest(), "not_encoded"),
        ("johndoe@example.com", "not_encoded"),
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


@pytest.mark.parametrize("codec", [*HASHES, Codec.HMAC_SHA256])
@pytest.mark.parametrize(
    ("clear", "reason"),
    [
        ("", "hash_of_empty"),
        (" ", "hash_of_empty"),
        ("null", "placeholder_id"),
        ("Not-Set", "placeholder_id"),
        ("d41d8cd98f00b204e9800998ecf8427e", "encoded_twice"),
        ("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", "encoded_twice"),
    ],
)
def test_the_hash_of_nothing_is_nobodys_id(codec, clear, reason):
    codes = encode(data_source(codec), pa.array([clear])).to_pylist()
    assert normalise(data_source(codec), *codes, encoded=True) == [(None, reason)]


@pytest.mark.parametrize("text", ["crm:42", "crm%3A42", "crm%3a42", "crm\t42", "crm\n42", "crm\r42", "crm\x0142"])
def test_an_id_in_clear_that_would_break_a_file_is_invalid(text):
    assert normalise(data_source(), text) == [(None, "invalid_id")]


@pytest.mark.parametrize("text", ["johndoe@example.com", "+49 30 901820"])
def test_personal_data_in_clear_is_refused_unless_the_data_source_is_meant_for_it(text):
    assert normalise(data_source(), text) == [(None, "raw_personal_data")]
    assert normalise(data_source(personal_data=True), text) == [(text, None)]
    assert normalise(data_source(recipe="email" if "@" in text else "phone"), text) == [(text.replace(" ", ""), None)]


def test_what_looks_like_a_visitor_id_may_be_a_customer_number():
    number = "59767559181262060060278870901087098252"
    assert normalise(data_source(), number) == [(number, None)]


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


def test_a_data_source_of_devices_is_of_another_namespace():
    with pytest.raises(ConfigError) as refusal:
        DeclaredId().check(DataSource(name="phones", id_type="declared_id", aam_data_source_id=20915))
    assert refusal.value.place == "data_sources.phones.aam_data_source_id"
    assert "device_id" in refusal.value.remedy


def test_it_is_a_reconciliation_strategy():
    assert isinstance(DeclaredId(), Reconciler)


@pytest.mark.parametrize(
    ("changes", "setting"),
    [*(({"codec": codec}, "codec") for codec in ENCODING), ({"clear_digests": True}, "clear_digests")],
)
def test_ids_that_may_not_be_those_of_records_name_none(changes, setting):
    with pytest.raises(ConfigError) as error:
        DeclaredId().check_naming(data_source(**changes))
    assert error.value.place == f"data_sources.crm.{setting}"
    DeclaredId().check_naming(data_source())
