"""Exports of profiles as the Experience Platform writes them, by e-mail into a Campaign list."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ROOT / "examples" / "demo" / "profiles.csv"
PUBLISHED = sorted((ROOT / ".." / "shared" / "data" / "platform").glob("*.csv"))
HEADER = [
    "person_name_firstName",
    "person_name_lastName",
    "person_gender",
    "person_birthYear",
    "personalEmail_address",
]


OUR_REASONS = {"added": 3, "same_id": 1, "opted_out": 1, "unknown_id": 1, "invalid_id": 1, "malformed_row": 1}
EXPORTS = [
    pytest.param(OURS, OUR_REASONS, id="ours"),
    *(pytest.param(file, {"unknown_id": 3}, id="published") for file in PUBLISHED),
]


@pytest.mark.parametrize(("file", "expected"), EXPORTS)
def test_every_profile_is_accounted_for(gateway, file, expected):
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert header == HEADER
    shutil.copy(file, gateway.state / "lists" / "export.csv")
    gateway.start()
    receipt = gateway.receipt("files/export.csv", f"campaign/{file.stem[:40]}", "--data-source", "email")
    reasons = {reason: count for counts in receipt["reasons"].values() for reason, count in counts.items()}
    assert (receipt["rows_read"], reasons) == (len(rows), expected)
