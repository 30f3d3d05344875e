import hashlib

import pyarrow as pa
import pytest
from audience_gateway.sdk import Codec, encode, hash_length, hash_of_empty
from hypothesis import given
from hypothesis import strategies as st

hashing = pytest.mark.parametrize("codec", [Codec.MD5, Codec.SHA1, Codec.SHA256])


@pytest.mark.parametrize(
    ("value", "sha256"),
    [
        ("johndoe@example.com", "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149"),
        ("ecid@adobe.com", "a6ea4cde5da5ae7cc68baae894d1d6544fca26254433b0fff7c2cb4843b4a097"),
    ],
)
def test_documented_test_vectors(value, sha256):
    assert encode(Codec.SHA256, pa.array([value])).to_pylist() == [sha256]


@hashing
@given(values=st.lists(st.none() | st.text()))
def test_hash_is_lower_case_hex_over_utf8_and_null_stays_null(codec, values):
    expected = [None if value is None else hashlib.new(codec, value.encode()).hexdigest() for value in values]
    assert encode(codec, pa.array(values, pa.string())).equals(pa.array(expected, pa.string()))


@hashing
def test_hashes_keep_the_order_of_a_long_column(codec):
    values = [f"user{number}@example.com" for number in range(20_000)]
    hashes = encode(codec, pa.array(values)).to_pylist()
    assert hashes == [hashlib.new(codec, value.encode()).hexdigest() for value in values]


@hashing
def test_a_slice_is_encoded_without_its_neighbours(codec):
    column = pa.array(["a", "b", "c"])
    assert encode(codec, column.slice(1, 1)).equals(encode(codec, pa.array(["b"])))


def test_no_codec_leaves_ids_in_clear():
    assert encode(Codec.NONE, pa.array(["A", None])).to_pylist() == ["A", None]


@pytest.mark.parametrize(("codec", "length"), [("none", 0), ("md5", 32), ("sha1", 40), ("sha256", 64)])
def test_length_of_a_hash(codec, length):
    assert hash_length(Codec(codec)) == length


@hashing
def test_hash_of_empty_is_what_encoding_an_empty_value_answers(codec):
    assert [hash_of_empty(codec)] == encode(codec, pa.array([""])).to_pylist()
