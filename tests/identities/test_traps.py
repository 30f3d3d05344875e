"""Traps that ids are: each gets its value or its reason, and in none do two people become one."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.identity.keys import make_keys
from audience_gateway.identity.normalisation import normalise
from audience_gateway.sdk import Reason
from traps import (
    IV,
    KEY,
    OTHER_IV,
    OTHER_KEY,
    SECRETS,
    SOURCES,
    STRATEGIES,
    aes,
    base64_of,
    keyed,
    md5,
    sha1,
    sha256,
)

CLEAR, ENCODED = False, True
JOHN, JANE = "johndoe@example.com", "janedoe@example.com"
LONG = "a.somewhat.longer.address@example.com"
ECID = "59767559181262060060278870901087098252"
DEVICE = "e4fe9bde-caa0-47b6-908d-ffba3fa184f2"
ZERO = "00000000-0000-0000-0000-000000000000"
NULL = sha256("null")


@dataclass(frozen=True)
class Trap:
    """What is read, and what has to become of it: a value, which stands for a person, or a reason."""

    what: str
    source: str
    read: str | None
    encoded: bool
    expected: str | Reason
    person: str = ""


def ok(what, source, read, value, person):
    return Trap(what, source, read, ENCODED, value, person)


def no(what, source, read, reason):
    return Trap(what, source, read, ENCODED, Reason(reason))


VISITOR = [
    ok("an ordinary one", "visitor", ECID, ECID, "device 1"),
    ok("another in its last digit", "visitor", ECID[:-1] + "3", ECID[:-1] + "3", "device 2"),
    ok("another in its first digit", "visitor", "4" + ECID[1:], "4" + ECID[1:], "device 3"),
    ok(
        "leading zeros",
        "visitor",
        "00088008579683653741516297509717335000",
        "00088008579683653741516297509717335000",
        "4",
    ),
    ok("both halves at the limit", "visitor", "9223372036854775807" * 2, "9223372036854775807" * 2, "device 5"),
    ok("zeros only", "visitor", "0" * 38, "0" * 38, "device 6"),
    no("first half is 2^63", "visitor", "92233720368547758080000000000000000000", "invalid_id"),
    no("second half is 2^63", "visitor", "00000000000000000009223372036854775808", "invalid_id"),
    no("both halves are nines", "visitor", "9" * 38, "invalid_id"),
    no("37 digits", "visitor", ECID[:-1], "invalid_id"),
    no("39 digits", "visitor", ECID + "0", "invalid_id"),
    no(
        "43 digits, as printed in the documents", "visitor", "0578240750487542456854736923319946899715232", "invalid_id"
    ),
    no("lost its leading zeros in a spreadsheet", "visitor", "88008579683653741516297509717335000", "invalid_id"),
    no("rounded by a spreadsheet", "visitor", "5.97675591812621E+37", "invalid_id"),
    no("rounded to 38 characters", "visitor", "5.9767559181262060060278870901087098E+37"[:38], "invalid_id"),
    no("a letter", "visitor", ECID[:-1] + "X", "invalid_id"),
    no("a sign", "visitor", "-" + ECID[1:], "invalid_id"),
    no("digits of another script", "visitor", "\u0665" * 38, "invalid_id"),
    no("full-width digits", "visitor", "\uff15" * 38, "invalid_id"),
    no("blank before it", "visitor", " " + ECID, "invalid_id"),
    no("line feed behind it", "visitor", ECID + "\n", "invalid_id"),
    no("zero byte behind it", "visitor", ECID + "\0", "invalid_id"),
    no("byte order mark before it", "visitor", "\ufeff" + ECID, "invalid_id"),
    no("as it stands in a cookie", "visitor", "MCMID|" + ECID, "invalid_id"),
    no("a legacy Analytics id", "visitor", "2A12345605012345-6000012345678901", "invalid_id"),
    no(
        "hexadecimal, as the script of a page lets pass",
        "visitor",
        "5A767559181262060060278870901087098252",
        "invalid_id",
    ),
    no("hashed", "visitor", sha256(ECID), "invalid_id"),
    no("opt-out marker", "visitor", "NOTARGET", "placeholder_id"),
    no("opt-out marker in lower case", "visitor", "notarget", "placeholder_id"),
    no("what the script of a page makes of the marker", "visitor", "NONE", "placeholder_id"),
    no("zero", "visitor", "0", "placeholder_id"),
    no("empty", "visitor", "", "invalid_id"),
    no("null", "visitor", None, "no_id"),
]

DEVICES = [
    ok("a GAID", "gaid", DEVICE, DEVICE, "phone 1"),
    ok("another in its last digit", "gaid", DEVICE[:-1] + "3", DEVICE[:-1] + "3", "phone 2"),
    no("a GAID in upper case", "gaid", DEVICE.upper(), "wrong_case"),
    no("a GAID in both cases", "gaid", DEVICE[:18] + DEVICE[18:].upper(), "wrong_case"),
    ok("an IDFA", "idfa", DEVICE.upper(), DEVICE.upper(), "phone 3"),
    no("an IDFA in lower case", "idfa", DEVICE, "wrong_case"),
    ok("a Fire TV", "fire-tv", DEVICE, DEVICE, "television 1"),
    no("a Fire TV in upper case", "fire-tv", DEVICE.upper(), "wrong_case"),
    ok("Microsoft in upper case", "microsoft", "7XCBNROQJQPYW", "7XCBNROQJQPYW", "console 1"),
    ok("Microsoft in lower case", "microsoft", "7xcbnroqjqpyw", "7xcbnroqjqpyw", "console 2"),
    no("no advertising id on Android", "gaid", ZERO, "zero_device_id"),
    no("no advertising id on iOS", "idfa", ZERO, "zero_device_id"),
    no("no advertising id on Windows", "microsoft", "0" * 32, "zero_device_id"),
    no("without dashes", "gaid", DEVICE.replace("-", ""), "invalid_id"),
    no("in braces", "gaid", f"{{{DEVICE}}}", "invalid_id"),
    no("with white space", "gaid", DEVICE + " ", "invalid_id"),
    no("hashed", "gaid", sha256(DEVICE), "invalid_id"),
    no("a Visitor ID", "gaid", ECID, "invalid_id"),
    no("65 characters", "microsoft", "a" * 65, "invalid_id"),
    no("placeholder", "gaid", "unknown", "placeholder_id"),
    no("empty", "gaid", "", "invalid_id"),
    no("null", "gaid", None, "no_id"),
]

IN_CLEAR = [
    ok("trimmed", "crm", "rcp-0042", "rcp-0042", "customer 42"),
    ok("not trimmed", "crm", " rcp-0042\t", "rcp-0042", "customer 42"),
    ok("not trimmed, no-break space", "crm", "\u00a0rcp-0042\u00a0", "rcp-0042", "customer 42"),
    ok("another case is another id", "crm", "RCP-0042", "RCP-0042", "customer 42 in capitals"),
    ok("unless the recipe says otherwise", "crm-lower", " RCP-0042", "rcp-0042", "customer 42"),
    ok("white space that counts", "crm-exact", " rcp-0042", " rcp-0042", "customer 42 behind a blank"),
    ok("leading zeros", "crm", "0042", "0042", "customer 0042"),
    ok("without them another id", "crm", "42", "42", "customer 42 without zeros"),
    ok("two zeros are no placeholder", "crm", "00", "00", "customer 00"),
    ok("looks like a Visitor ID", "crm", ECID, ECID, "customer of 38 digits"),
    ok("looks like a Device ID", "crm", DEVICE, DEVICE, "customer of a UUID"),
    ok("looks like a hash", "crm", md5("a"), md5("a"), "customer of 32 digits"),
    ok("looks like a national number", "crm", "030901820", "030901820", "customer of 9 digits"),
    ok("composed accent", "crm", "jos\u00e9", "jos\u00e9", "jose, composed"),
    ok("decomposed accent", "crm", "jose\u0301", "jose\u0301", "jose, decomposed"),
    ok("holds a placeholder", "crm", "null-0042", "null-0042", "customer null-0042"),
    no("colon", "crm", "rcp:0042", "invalid_id"),
    no("encoded colon", "crm", "rcp%3A0042", "invalid_id"),
    no("encoded colon in lower case", "crm", "rcp%3a0042", "invalid_id"),
    no("tab", "crm", "rcp\t0042", "invalid_id"),
    no("line feed", "crm", "rcp\n0042", "invalid_id"),
    no("carriage return", "crm", "rcp\r0042", "invalid_id"),
    no("zero byte", "crm", "rcp\x000042", "invalid_id"),
    no("the separator of customer ids", "crm", "AdobeCampaignID\x01rcp-0042\x011", "invalid_id"),
    no("delete", "crm", "rcp\x7f0042", "invalid_id"),
    no("control character of Latin-1", "crm", "rcp\x9f0042", "invalid_id"),
    no("an e-mail address", "crm", JOHN, "raw_personal_data"),
    no("an e-mail address, not trimmed", "crm", f" {JOHN.upper()}\n", "raw_personal_data"),
    no("a phone number", "crm", "+49 30 901820", "raw_personal_data"),
    ok("an e-mail address where it is meant to be", "email", JOHN.upper(), JOHN, "john"),
    no("not an e-mail address", "email", "johndoe", "invalid_id"),
    no("seen in the wild", "crm", "not-set", "placeholder_id"),
    no("seen in the wild, in capitals", "crm", " NOT-SET ", "placeholder_id"),
    no("of JavaScript", "crm", "undefined", "placeholder_id"),
    no("an object of JavaScript", "crm", "[object Object]", "placeholder_id"),
    no("no number", "crm", "NaN", "placeholder_id"),
    no("of SQL", "crm", "NULL", "placeholder_id"),
    no("of Python", "crm", "None", "placeholder_id"),
    no("of Analytics", "crm", "(not set)", "placeholder_id"),
    no("zero", "crm", "0", "placeholder_id"),
    no("zero UUID", "crm", ZERO, "placeholder_id"),
    no("nobody", "crm", "anonymous", "placeholder_id"),
    no("empty", "crm", "", "invalid_id"),
    no("blank", "crm", " \u00a0", "invalid_id"),
    no("null", "crm", None, "no_id"),
]

TO_BE_ENCODED = [
    ok("documented vector", "email-sha256", JOHN, sha256(JOHN), "john"),
    ok("not trimmed, not lower", "email-sha256", " JohnDoe@Example.COM ", sha256(JOHN), "john"),
    ok("another person", "email-sha256", JANE, sha256(JANE), "jane"),
    ok("dots of Gmail are not removed", "email-sha256", "j.doe@gmail.com", sha256("j.doe@gmail.com"), "j.doe"),
    ok("without them", "email-sha256", "jdoe@gmail.com", sha256("jdoe@gmail.com"), "jdoe"),
    ok("tags are not removed", "email-sha256", "jdoe+a@gmail.com", sha256("jdoe+a@gmail.com"), "jdoe+a"),
    ok("beyond ASCII", "email-sha256", "JÖRG@exämple.de", sha256("jörg@exämple.de"), "jörg"),
    ok("MD5", "email-md5", JOHN.upper(), md5(JOHN), "john"),
    ok("SHA-1", "email-sha1", JOHN.upper(), sha1(JOHN), "john"),
    ok("with a key", "email-hmac", JOHN.upper(), keyed(JOHN), "john"),
    ok("a colon may be hashed", "crm-sha256", "rcp:0042", sha256("rcp:0042"), "customer rcp:0042"),
    no("no @", "email-sha256", "johndoe", "invalid_id"),
    no("two @", "email-sha256", "john@doe@example.com", "invalid_id"),
    no("white space inside", "email-sha256", "john doe@example.com", "invalid_id"),
    no("two addresses", "email-sha256", f"{JOHN} {JANE}", "invalid_id"),
    no("an SHA-256 in place of an address", "email-sha256", sha256(JOHN), "encoded_twice"),
    no("an SHA-256 in upper case", "email-sha256", sha256(JOHN).upper(), "encoded_twice"),
    no("an SHA-256 with white space", "crm-sha256", f" {sha256(JOHN)}\n", "encoded_twice"),
    no("an SHA-1", "crm-sha256", sha1(JOHN), "encoded_twice"),
    no("an MD5", "crm-sha256", md5(JOHN), "encoded_twice"),
    no("an MD5 to be hashed with a key", "email-hmac", md5(JOHN), "encoded_twice"),
    ok("digests that are the ids", "digests-sha256", md5("a"), sha256(md5("a")), "customer of 32 digits"),
    ok("hashes in the records", "stored-sha256", sha256(JOHN).upper(), sha256(JOHN), "john"),
    no("an address among hashes in the records", "stored-sha256", JOHN, "not_encoded"),
    no("placeholder", "email-sha256", "not-set", "placeholder_id"),
    no("null as text", "crm-sha256", "null", "placeholder_id"),
    no("empty", "email-sha256", "", "invalid_id"),
    no("blank", "crm-sha256", "  ", "invalid_id"),
    no("null", "email-sha256", None, "no_id"),
    ok("a phone number", "phone-sha256", "+4930901820", sha256("+4930901820"), "berlin"),
    ok("a phone number with separators", "phone-sha256", "+49 (30) 90-18.20", sha256("+4930901820"), "berlin"),
    ok("a longer phone number", "phone-sha256", "+493090182", sha256("+493090182"), "berlin, one digit less"),
    no("a phone number without +", "phone-sha256", "4930901820", "invalid_id"),
    no("a phone number with 00", "phone-sha256", "004930901820", "invalid_id"),
    no("a national phone number", "phone-sha256", "030 901820", "invalid_id"),
    no("a phone number of country 0", "phone-sha256", "+030901820", "invalid_id"),
    no("a phone number of 16 digits", "phone-sha256", "+4930901820123456", "invalid_id"),
    no("an extension", "phone-sha256", "+4930901820x12", "invalid_id"),
    no("a full-width plus", "phone-sha256", "\uff0b4930901820", "invalid_id"),
    no("digits of another script", "phone-sha256", "+\u0664\u0669\u0663\u0660\u0669\u0660", "invalid_id"),
    ok("from clear", "email-aes", f"{JOHN.upper()} ", aes(JOHN), "john"),
    ok("Base64 from clear", "email-aes-base64", JOHN, base64_of(aes(JOHN)), "john"),
    no("about to be encrypted twice", "email-aes", aes(JOHN), "encoded_twice"),
]

HASHED = [
    ok("documented vector", "email-sha256", sha256(JOHN), sha256(JOHN), "john"),
    ok("in upper case", "email-sha256", sha256(JOHN).upper(), sha256(JOHN), "john"),
    ok("in both cases", "email-sha256", sha256(JOHN)[:30] + sha256(JOHN)[30:].upper(), sha256(JOHN), "john"),
    ok("not trimmed", "email-sha256", f" {sha256(JOHN)}\r\n", sha256(JOHN), "john"),
    ok("hashed without trimming", "email-sha256", sha256(f" {JOHN}"), sha256(f" {JOHN}"), "john, not trimmed"),
    ok("hashed in upper case", "email-sha256", sha256(JOHN.upper()), sha256(JOHN.upper()), "john in capitals"),
    ok("hashed twice, which cannot be seen", "email-sha256", sha256(sha256(JOHN)), sha256(sha256(JOHN)), "john, twice"),
    ok("another in its last digit", "email-sha256", sha256(JOHN)[:-1] + "a", sha256(JOHN)[:-1] + "a", "nobody known"),
    ok("MD5", "email-md5", md5(JOHN).upper(), md5(JOHN), "john"),
    ok("SHA-1", "email-sha1", sha1(JOHN).upper(), sha1(JOHN), "john"),
    ok("with a key", "email-hmac", keyed(JOHN).upper(), keyed(JOHN), "john"),
    ok("with another key", "email-hmac", keyed(JOHN, OTHER_KEY), keyed(JOHN, OTHER_KEY), "john by another key"),
    no("one digit short", "email-sha256", sha256(JOHN)[:-1], "not_encoded"),
    no("one digit long", "email-sha256", sha256(JOHN) + "0", "not_encoded"),
    no("no hex", "email-sha256", "g" * 64, "not_encoded"),
    no("with 0x", "email-sha256", "0x" + sha256(JOHN), "not_encoded"),
    no("Base64 of it", "email-sha256", base64_of(sha256(JOHN)), "not_encoded"),
    no("an MD5 for an SHA-256", "email-sha256", md5(JOHN), "not_encoded"),
    no("an SHA-256 for an MD5", "email-md5", sha256(JOHN), "not_encoded"),
    no("an SHA-1 for a keyed hash", "email-hmac", sha1(JOHN), "not_encoded"),
    no("in clear", "email-sha256", JOHN, "not_encoded"),
    no("hash of empty", "email-sha256", sha256(""), "hash_of_empty"),
    no("hash of empty in upper case", "email-sha256", sha256("").upper(), "hash_of_empty"),
    no("hash of empty, MD5", "email-md5", "d41d8cd98f00b204e9800998ecf8427e", "hash_of_empty"),
    no("hash of empty, SHA-1", "email-sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "hash_of_empty"),
    no("hash of empty with the key", "email-hmac", keyed(""), "hash_of_empty"),
    no("hash of a blank", "email-sha256", sha256(" "), "hash_of_empty"),
    no("hash of a line feed", "email-sha256", sha256("\n"), "hash_of_empty"),
    no("hash of the hash of empty", "email-sha256", sha256(sha256("")), "encoded_twice"),
    no("hash of its upper case", "email-sha256", sha256(sha256("").upper()), "encoded_twice"),
    no("SHA-256 of the MD5 of empty", "email-sha256", sha256(md5("")), "encoded_twice"),
    no("MD5 of the MD5 of empty", "email-md5", md5(md5("")), "encoded_twice"),
    no("null as text, hashed", "email-sha256", NULL, "placeholder_id"),
    no("null in capitals, hashed", "email-sha256", sha256("NULL"), "placeholder_id"),
    no("None, hashed", "email-sha1", sha1("None"), "placeholder_id"),
    no("undefined, hashed", "email-md5", md5("undefined"), "placeholder_id"),
    no("not-set, hashed with the key", "email-hmac", keyed("not-set"), "placeholder_id"),
    no("zero, hashed", "email-sha256", sha256("0"), "placeholder_id"),
    no("zeros in place of a hash", "email-sha256", "0" * 64, "placeholder_id"),
    no("a placeholder in place of a hash", "email-sha256", "undefined", "placeholder_id"),
    no("empty", "email-sha256", "", "not_encoded"),
    no("null", "email-sha256", None, "no_id"),
]

ENCRYPTED = [
    ok("two blocks", "email-aes", aes(JOHN), aes(JOHN), "john"),
    ok("three blocks", "email-aes", aes(LONG), aes(LONG), "long"),
    ok("one block", "email-aes", aes("a@b.example"), aes("a@b.example"), "a@b"),
    ok("whole blocks", "email-aes", aes("0123456@b.exampl"), aes("0123456@b.exampl"), "0123456@b"),
    ok("in upper case", "email-aes", aes(JOHN).upper(), aes(JOHN), "john"),
    ok("not trimmed", "email-aes", f" {aes(JOHN)}\n", aes(JOHN), "john"),
    ok("encrypted without trimming", "email-aes", aes(f" {JOHN}"), aes(JOHN), "john"),
    ok("encrypted in upper case", "email-aes", aes(JOHN.upper()), aes(JOHN), "john"),
    ok("beyond ASCII", "email-aes", aes("jörg@exämple.de"), aes("jörg@exämple.de"), "jörg"),
    ok("Base64", "email-aes-base64", base64_of(aes(JOHN)), base64_of(aes(JOHN)), "john"),
    no("wrong key", "email-aes", aes(JOHN, key=OTHER_KEY), "not_decryptable"),
    no("wrong key, one block", "email-aes", aes("a@b.example", key=OTHER_KEY), "not_decryptable"),
    no("shorter key", "email-aes", aes(JOHN, key=KEY[:16]), "not_decryptable"),
    no("wrong IV, one block", "email-aes", aes("a@b.example", iv=bytes(16)), "not_decryptable"),
    no("wrong IV, two blocks", "email-aes", aes("jörg@exämple.de", iv=bytes(range(100, 116))), "not_decryptable"),
    no("an IV of its own before it", "email-aes", OTHER_IV.hex() + aes(JOHN, iv=OTHER_IV), "not_decryptable"),
    no("the IV before it", "email-aes", IV.hex() + aes(JOHN), "not_decryptable"),
    no("blocks changed places", "email-aes", aes(LONG)[32:64] + aes(LONG)[:32] + aes(LONG)[64:], "not_decryptable"),
    no("its last block is missing", "email-aes", aes(LONG)[:-32], "not_decryptable"),
    no("no padding", "email-aes", aes("0123456@b.exampl", pad="none"), "not_decryptable"),
    no("padded with zeros", "email-aes", aes(JOHN, pad="zeros"), "not_decryptable"),
    no("padded otherwise", "email-aes", aes(JOHN, pad="ansi"), "not_decryptable"),
    no("not UTF-8", "email-aes", aes("jörg@exämple.de".encode("latin-1")), "not_decryptable"),
    no("an SHA-256", "email-aes", sha256(JOHN), "not_decryptable"),
    no("an MD5", "email-aes", md5(JOHN), "not_decryptable"),
    no("hex for Base64", "email-aes-base64", aes(JOHN), "not_decryptable"),
    no("Base64 in another case", "email-aes-base64", base64_of(aes(LONG)).swapcase(), "not_decryptable"),
    no("Base64 for hex", "email-aes", base64_of(aes(JOHN)), "not_encoded"),
    no("Base64 without its padding", "email-aes-base64", base64_of(aes(JOHN)).rstrip("="), "not_encoded"),
    no("a byte short", "email-aes", aes(JOHN)[:-2], "not_encoded"),
    no("a digit short", "email-aes", aes(JOHN)[:-1], "not_encoded"),
    no("an SHA-1", "email-aes", sha1(JOHN), "not_encoded"),
    no("in clear", "email-aes", JOHN, "not_encoded"),
    no("empty", "email-aes", "", "not_encoded"),
    no("null", "email-aes", None, "no_id"),
    no("placeholder in clear", "email-aes", "undefined", "placeholder_id"),
    no("placeholder, encrypted", "email-aes", aes("undefined"), "placeholder_id"),
    no("empty, encrypted", "email-aes", aes(""), "hash_of_empty"),
    no("blank, encrypted", "email-aes", aes("  "), "hash_of_empty"),
    no("no address, encrypted", "email-aes", aes("johndoe"), "invalid_id"),
    no("encrypted twice", "email-aes", aes(aes(JOHN)), "invalid_id"),
    ok(
        "an IV of one other bit, which cannot be seen",
        "email-aes",
        aes(JOHN, iv=b"\1" + IV[1:]),
        aes("kohndoe@example.com"),
        "kohndoe",
    ),
]

TRAPS = [*VISITOR, *DEVICES, *IN_CLEAR, *HASHED, *ENCRYPTED, *(replace(trap, encoded=CLEAR) for trap in TO_BE_ENCODED)]


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def judge(source, texts, *, encoded):
    """Value or reason of each text, as the core gets them."""
    answer = normalise(
        STRATEGIES[SOURCES[source].id_type], pa.array(texts, pa.string()), SOURCES[source], encoded=encoded
    )
    pairs = zip(answer.values.to_pylist(), answer.reasons.to_pylist(), strict=True)
    return [Reason(reason) if reason else value for value, reason in pairs]


def test_there_are_many_traps():
    assert len({(trap.source, trap.read, trap.encoded) for trap in TRAPS}) == len(TRAPS) >= 200


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"{trap.source}: {trap.what}")
def test_each_trap_gets_its_value_or_its_reason(trap):
    assert judge(trap.source, [trap.read], encoded=trap.encoded) == [trap.expected]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("encoded", [CLEAR, ENCODED])
def test_what_stands_around_an_id_changes_nothing(source, encoded):
    traps = [trap for trap in TRAPS if trap.source == source and trap.encoded == encoded]
    answers = judge(source, [trap.read for trap in traps], encoded=encoded)
    assert answers == [trap.expected for trap in traps]
    assert judge(source, [trap.read for trap in reversed(traps)], encoded=encoded) == answers[::-1]


def test_no_two_people_share_a_key():
    people = defaultdict(set)
    for trap in TRAPS:
        if trap.person:
            (answer,) = judge(trap.source, [trap.read], encoded=trap.encoded)
            source = SOURCES[trap.source]
            [key] = make_keys(pa.array([answer]), source.id_type, source.name).to_pylist()
            people[key].add((trap.source, trap.person))
    assert [who for who in people.values() if len(who) > 1] == []
    assert len(people) == len({(trap.source, trap.person) for trap in TRAPS if trap.person})
