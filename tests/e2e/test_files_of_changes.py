"""A connection of files that takes changes: a partner who applies them in the order of their names has the members."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

CHANGES = """
[connections.partner]
connector = "files"
[connections.partner.settings]
bucket = "file://{root}/partner"
id_column = "email"
[connections.partner.settings.changes]

[connections.campaign]
"""


@pytest.fixture
def partner(gateway) -> Path:
    gateway.start(**{"\n[connections.campaign]\n": CHANGES.format(root=gateway.state)})
    return gateway.state / "partner" / "changes"


def share(gateway, *names: str):
    rows = "\n".join(["personalEmail_address", *(f"{name}@example.org" for name in names), ""])
    (gateway.state / "lists" / "gold.csv").write_text(rows)
    return gateway.receipt("files/gold.csv", "partner/gold.csv", "--data-source", "email")


def applied(files: list[Path]) -> set[str]:
    members: set[str] = set()
    for file in sorted(files):
        for row in csv.DictReader(file.read_text().splitlines()):
            (members.add if row["change"] == "add" else members.discard)(row["email"].partition("@")[0])
    return members


def test_each_transfer_writes_what_has_changed_and_nothing_else(gateway, partner):
    share(gateway, "ada", "grace", "alan")
    first = set(partner.iterdir())
    receipt = share(gateway, "ada", "alan", "edsger")
    second = set(partner.iterdir()) - first
    assert (receipt["outcomes"]["delivered"], receipt["removals"]["removed"]) == (1, 1)
    assert sorted(len(file.read_text().splitlines()) - 1 for file in second) == [1, 1]
    share(gateway, "ada", "alan", "edsger")
    assert set(partner.iterdir()) == first | second
    assert applied(list(first | second)) == {"ada", "alan", "edsger"}
