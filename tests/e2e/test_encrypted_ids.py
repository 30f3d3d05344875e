"""Ids that the website encrypts reach the recipients whose addresses Campaign holds in clear, and go back encrypted."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

KEY, IV, OTHER_KEY = bytes(range(32)), bytes(range(16)), bytes(range(32, 64))
SETTINGS = """
[data_sources.encrypted]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"
codec = "aes-cbc"
key = "env:SITE_KEY"
iv = "env:SITE_IV"
aam_data_source_id = 5000
aam_destination_id = 5001

[connections.people.settings.audiences.site]
segment_id = 78
trait_id = 1078

[connections.campaign]
"""


def encrypted(address: str, key: bytes = KEY) -> str:
    padder, encryptor = PKCS7(128).padder(), Cipher(AES(key), CBC(IV)).encryptor()
    return (encryptor.update(padder.update(address.encode()) + padder.finalize()) + encryptor.finalize()).hex()


@pytest.fixture
def people(systems) -> dict[str, int]:
    """Addresses of recipients who have not opted out and have an address of their own."""
    query = """SELECT lower(trim(min(email))), min(id) FROM recipient WHERE email LIKE '%_@_%'
        GROUP BY lower(trim(email)) HAVING count(*) = 1 AND max(blackList) = 0 ORDER BY 2 LIMIT 50"""
    file = f"file:{systems.directory / 'sandbox' / 'campaign.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as database:
        return dict(database.execute(query))


@pytest.fixture
def start(gateway, systems, people):
    """Starts a gateway with some secrets, once the website's people are in the segment."""
    ids = [encrypted(address.upper() if number % 2 else address) for number, address in enumerate(people)]
    ids += [encrypted("nobody@nowhere.example"), encrypted("undefined"), encrypted(next(iter(people)), OTHER_KEY), "x"]
    bucket = Path(systems.ready["buckets"]["importSharedAudience"].removeprefix("file://"))
    (bucket / "S3_5001_5000_full_1767225600000.sync").write_text("".join(f"{one}\t78\n" for one in ids))

    def start(**secrets: str):
        gateway.environment.update(secrets)
        gateway.start(**{"\n[connections.campaign]\n": SETTINGS})
        return gateway

    return start


def said_and_kept(gateway) -> bytes:
    """All that the gateway has logged, and all its files."""
    kept = [path.read_bytes() for path in gateway.state.glob("state/**/*") if path.is_file()]
    assert kept
    return b"".join([gateway.log.encode(), *kept])


def test_there_and_back(start, systems, people):
    gateway = start(SITE_KEY=KEY.hex(), SITE_IV=IV.hex())

    there = gateway.receipt("people/site", "campaign/from-site", "--data-source", "encrypted")

    assert there["reasons"]["delivered"] == {"added": 50}
    assert there["reasons"]["unmatched"] == {"unknown_id": 1}
    assert there["reasons"]["rejected"] == {"not_decryptable": 1, "not_encoded": 1, "placeholder_id": 1}
    assert (there["recipe"], there["codec"]) == ("email@1", "aes-cbc")
    assert systems.members("from-site") == sorted(people.values())
    assert [address for address in people if address.encode() in said_and_kept(gateway)] == []

    back = gateway.receipt("campaign/from-site", "people/site", "--data-source", "encrypted")

    assert back["outcomes"]["delivered"] == 50
    (sent,) = systems.directory.glob("**/ftp_dpm_5000_*.gz")
    written = gzip.decompress(sent.read_bytes()).decode().splitlines()
    assert sorted(written) == sorted(f"{encrypted(address)}\td_sid=1078" for address in people)
    assert [secret for secret in (KEY, KEY.hex().encode(), IV.hex().encode()) if secret in said_and_kept(gateway)] == []


def test_without_the_key_a_transfer_fails_and_names_what_is_missing(start, systems):
    gateway = start(SITE_IV=IV.hex())
    shared = gateway.cli("share", "people/site", "campaign/from-nowhere", "--data-source", "encrypted")
    assert shared.returncode == 1
    assert "env:SITE_KEY: the environment variable is not set or empty" in shared.stderr
    assert systems.members("from-nowhere") == []


def test_a_key_of_another_length_is_not_shown(start):
    gateway = start(SITE_KEY=KEY.hex()[:-2], SITE_IV=IV.hex())
    shared = gateway.cli("share", "people/site", "campaign/from-nowhere", "--data-source", "encrypted")
    assert shared.returncode == 1
    assert "data_sources.encrypted.key: found a secret (not shown) that is not 16 or 24 or 32 bytes" in shared.stderr
    assert KEY.hex()[:-2].encode() not in said_and_kept(gateway) + shared.stderr.encode()
