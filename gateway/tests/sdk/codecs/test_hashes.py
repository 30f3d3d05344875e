import hashlib
import hmac

import pyarrow as pa
import pytest
from audience_gateway.sdk import Codec, DataSource, Secret, canonical_codes, encode
from hypothesis import given
from hypothesis import strategies as st

HASHES = [Codec.MD5, Codec.SHA1, Codec.SHA256]
hashing = pytest.mark.parametrize("codec", HASHES)


def source(codec):
    return DataSource(name="crm", id_type="declared_id", codec=codec)


@pytest.fixture
def keyed(tmp_path):
    """Data sources whose ids are hashed with a key."""

    def make(key):
        path = tmp_path / hashlib.sha256(key).hexdigest()
        path.write_text(key.hex())
        return DataSource(name="crm", id_type="declared_id", codec=Codec.HMAC_SHA256, key=Secret(f"file:{path}"))

    return make


@pytest.mark.parametrize(
    ("value", "sha256"),
    [
        ("johndoe@example.com", "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149"),
        ("ecid@adobe.com", "a6ea4cde5da5ae7cc68baae894d1d6544fca26254433b0fff7c2cb4843b4a097"),
    ],
)
def test_documented_test_vectors(value, sha256):
    assert encode(source(Codec.SHA256), pa.array([value])).to_pylist() == [sha256]


@hashing
@given(values=st.lists(st.none() | st.text()))
def test_hash_is_lower_case_hex_over_utf8_and_null_stays_null(codec, values):
    expected = [None if value is None else hashlib.new(codec, value.encode()).hexdigest() for value in values]
    assert encode(source(codec), pa.array(values, pa.string())).equals(pa.array(expected, pa.string()))


@pytest.mark.parametrize("key", [b"k", b"Jefe", b"\x00\xff" * 10, b"a" * 64, b"b" * 65, b"c" * 200])
def test_a_keyed_hash_is_that_of_the_standard_library(keyed, key):
    values = ["", "what do ya want for nothing?", "jörg@example.de", None, "x" * 1000]
    expected = [None if value is None else hmac.new(key, value.encode(), "sha256").hexdigest() for value in values]
    assert encode(keyed(key), pa.array(values)).to_pylist() == expected


def test_the_keyed_hash_of_rfc_4231(keyed):
    # RFC 4231, section 4.3
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert encode(keyed(b"Jefe"), pa.array(["what do ya want for nothing?"])).to_pylist() == [expected]


@hashing
def test_hashes_keep_the_order_of_a_long_column(codec):
    values = [f"user{number}@example.com" for number in range(20_000)]
    hashes = encode(source(codec), pa.array(values)).to_pylist()
    assert hashes == [hashlib.new(codec, value.encode()).hexdigest() for value in values]


@hashing
def test_a_slice_is_encoded_without_its_neighbours(codec):
    column = pa.array(["a", "b", "c"])
    assert encode(source(codec), column.slice(1, 1)).equals(encode(source(codec), pa.array(["b"])))


def test_no_codec_leaves_ids_in_clear():
    assert encode(source(Codec.NONE), pa.array(["A", None])).to_pylist() == ["A", None]


@hashing
def test_a_hash_is_known_by_its_length(codec):
    others = [hashlib.new(other, b"a").hexdigest() for other in HASHES if other is not codec]
    mine = hashlib.new(codec, b"a").hexdigest()
    read = pa.array([*others, f" {mine.upper()}\n", mine[:-1], mine + "00", "", None])
    assert canonical_codes(source(codec), read).to_pylist() == [None, None, mine, None, None, None, None]
