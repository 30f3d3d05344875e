"""Receipts as files: written by a gateway, verified without one, also by other programs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from audience_gateway.cli.receipt_check import check
from audience_gateway.transfers.canonical import canonical
from audience_gateway.transfers.signing import SigningKey
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2

OUTCOMES = ("delivered", "unchanged", "unmatched", "rejected", "suppressed", "duplicate", "withheld")
KEY = SigningKey.new()


def document(**changes: object) -> dict:
    sound = {
        "transfer": "transfers/t-1",
        "rows_read": 3,
        "outcomes": dict.fromkeys(OUTCOMES, 0) | {"delivered": 2, "unmatched": 1},
        "reasons": {name: {} for name in OUTCOMES} | {"delivered": {"added": 2}, "unmatched": {"unknown_id": 1}},
        "removals": {"leavers": 1, "removed": 1, "refused": 0, "withheld": 0, "not_supported": 0, "in_doubt": 0},
    }
    return sound | changes


def answer(text: str) -> transfer_service_pb2.GetReceiptResponse:
    signature = KEY.sign(text)
    receipt = transfer_pb2.Receipt(canonical_json=text, signature=signature.value, key_id=signature.key_id)
    return transfer_service_pb2.GetReceiptResponse(receipt=receipt)


@pytest.fixture
def files(gateway, run, tmp_path: Path) -> tuple[Path, Path]:
    """An exported receipt and the key."""
    gateway.answers["GetReceipt"] = answer(canonical(document()))
    key = transfer_pb2.ReceiptKey(id=KEY.verifying.id, pem=KEY.verifying.pem)
    gateway.answers["GetReceiptKey"] = transfer_service_pb2.GetReceiptKeyResponse(key=key)
    receipt, pem = tmp_path / "receipt.json", tmp_path / "key.pem"
    assert run("receipts", "export", "t-1", "--output", str(receipt)).exit_code == 0
    assert run("receipts", "key", "--output", str(pem)).exit_code == 0
    return receipt, pem


def test_an_exported_receipt_verifies(files, run):
    receipt, key = files
    result = run("receipts", "verify", str(receipt), "--key", str(key))
    assert (result.exit_code, result.stdout) == (0, f"{receipt} is signed with this key, and its counts add up.\n")


def test_openssl_verifies_it_too(files):
    receipt, key = files
    openssl = shutil.which("openssl")
    assert openssl
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", receipt]
    assert not subprocess.run([*command, "-sigfile", f"{receipt}.sig"], check=False, capture_output=True).returncode


def test_a_changed_receipt_does_not_verify(files, run):
    receipt, key = files
    receipt.write_text(receipt.read_text().replace('"rows_read":3', '"rows_read":4'))
    result = run("receipts", "verify", str(receipt), "--key", str(key))
    assert result.exit_code == 1
    assert "was changed since" in result.stderr


def test_a_signed_receipt_that_does_not_add_up_is_told(gateway, files, run):
    receipt, key = files
    gateway.answers["GetReceipt"] = answer(canonical(document(rows_read=4)))
    assert run("receipts", "export", "t-1", "--output", str(receipt)).exit_code == 0
    result = run("receipts", "verify", str(receipt), "--key", str(key))
    assert result.exit_code == 1
    assert "the outcomes do not sum to the rows read" in result.stderr


def test_a_receipt_without_a_signature_is_not_exported(gateway, run, tmp_path):
    receipt = transfer_pb2.Receipt(canonical_json="{}")
    gateway.answers["GetReceipt"] = transfer_service_pb2.GetReceiptResponse(receipt=receipt)
    result = run("receipts", "export", "t-1", "--output", str(tmp_path / "receipt.json"))
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_what_is_no_key_and_what_is_not_there_is_said(files, run, tmp_path):
    receipt, _ = files
    no_key = run("receipts", "verify", str(receipt), "--key", str(receipt))
    no_file = run("receipts", "verify", str(tmp_path / "none.json"), "--key", str(receipt))
    assert "holds no public key" in no_key.stderr
    assert "cannot be read" in no_file.stderr


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (json.dumps(document()), "it is not in canonical form"),
        (canonical(document(removals={"leavers": 2, "removed": 1})), "the removals do not sum to the leavers"),
        (
            canonical(document(reasons={**document()["reasons"], "delivered": {}})),
            "reasons do not sum to their outcome",
        ),
        (canonical(document(outcomes=dict.fromkeys(OUTCOMES[1:], 0))), "it does not name the seven outcomes"),
        ("[]", "it is no receipt"),
        ("{", "it is no receipt"),
    ],
)
def test_a_receipt_that_is_not_sound_says_what_is_wrong(text, fault):
    assert fault in check(text.encode())


def test_a_sound_receipt_has_no_faults():
    assert check(canonical(document()).encode()) == []
