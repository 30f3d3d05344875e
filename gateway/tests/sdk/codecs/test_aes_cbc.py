import base64
import os

import pyarrow as pa
import pytest
from audience_gateway.sdk.codecs.aes_cbc import decrypt, encrypt
from audience_gateway.sdk.codecs.keys import CodecKeys
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as st

keys = st.builds(
    CodecKeys,
    st.sampled_from([16, 24, 32]).flatmap(lambda length: st.binary(min_size=length, max_size=length)),
    st.binary(min_size=16, max_size=16),
)
blocks = st.integers(1, 5).flatmap(lambda count: st.binary(min_size=16 * count, max_size=16 * count))


def encrypted_alone(value, keys):
    """One value, by the library."""
    padder, encryptor = PKCS7(128).padder(), Cipher(AES(keys.key), CBC(keys.iv)).encryptor()
    return encryptor.update(padder.update(value) + padder.finalize()) + encryptor.finalize()


def decrypted_alone(value, keys):
    """One value, by the library; None where it finds no valid padding."""
    unpadder, decryptor = PKCS7(128).unpadder(), Cipher(AES(keys.key), CBC(keys.iv)).decryptor()
    try:
        return unpadder.update(decryptor.update(value) + decryptor.finalize()) + unpadder.finalize()
    except ValueError:
        return None


def column(values):
    return pa.array(values, pa.binary())


@given(keys, st.lists(st.none() | st.binary(max_size=80)))
def test_a_column_is_encrypted_like_each_of_its_values(keys, values):
    expected = [None if value is None else encrypted_alone(value, keys) for value in values]
    assert encrypt(column(values), keys).to_pylist() == expected


@given(keys, st.lists(st.none() | st.binary(max_size=80)))
def test_a_column_is_decrypted_to_what_was_encrypted(keys, values):
    ciphertexts = [None if value is None else encrypted_alone(value, keys) for value in values]
    assert decrypt(column(ciphertexts), keys).to_pylist() == values


@given(keys, st.lists(st.none() | blocks))
def test_any_blocks_are_decrypted_like_each_of_them_or_not_at_all(keys, values):
    expected = [None if value is None else decrypted_alone(value, keys) for value in values]
    assert decrypt(column(values), keys).to_pylist() == expected


@pytest.mark.parametrize("last", range(256))
def test_only_a_whole_padding_is_valid(last):
    # Of one value whose last byte is given: its other bytes are those of the padding, or all but the first of them.
    keys = CodecKeys(os.urandom(16), os.urandom(16))
    encryptor = Cipher(AES(keys.key), CBC(keys.iv))
    whole = bytes([last]) * 16
    broken = whole[:-last] + bytes([last ^ 1]) + whole[16 - last + 1 :] if 0 < last <= 16 else whole
    values = [context.update(value) for value in (whole, broken) for context in [encryptor.encryptor()]]
    assert decrypt(column(values), keys).to_pylist() == [decrypted_alone(value, keys) for value in values]


def test_a_vector_of_the_standard():
    # NIST SP 800-38A, F.2.1: its four blocks, behind which the padding of a fifth one follows
    keys = CodecKeys(
        bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    )
    plaintext = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )
    ciphertext = bytes.fromhex(
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
    )
    (encrypted,) = encrypt(column([plaintext]), keys).to_pylist()
    assert encrypted[:64] == ciphertext
    assert decrypt(column([encrypted]), keys).to_pylist() == [plaintext]


def test_a_slice_is_decrypted_without_its_neighbours():
    keys = CodecKeys(os.urandom(32), os.urandom(16))
    ciphertexts = encrypt(column([b"a", None, b"b" * 40, b"c"]), keys)
    assert decrypt(ciphertexts.slice(1, 2), keys).to_pylist() == [None, b"b" * 40]
    assert encrypt(column([b"a", None, b"b" * 40, b"c"]).slice(1, 2), keys).equals(ciphertexts.slice(1, 2))


def test_a_long_column_keeps_its_order():
    keys = CodecKeys(os.urandom(32), os.urandom(16))
    values = [base64.b64encode(os.urandom(number % 50)) for number in range(5_000)]
    ciphertexts = encrypt(column(values), keys)
    assert ciphertexts.to_pylist() == [encrypted_alone(value, keys) for value in values]
    assert decrypt(ciphertexts, keys).to_pylist() == values
