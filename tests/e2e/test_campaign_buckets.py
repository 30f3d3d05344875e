"""A large audience through Campaign's shared-audience buckets: from the gateway into a list, and from the list back."""

from __future__ import annotations

import csv
import json
import sqlite3
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from processes import started

from tests.e2e.conftest import Gateway, Systems

ROWS, DUPLICATES, NO_IDS = 100_000, 1_000, 1_000
PARTS = 4
SEGMENT = 4242
CONNECTION = f"""
[connections.shared]
connector = "campaign"
[connections.shared.settings]
transport = "bucket"
[connections.shared.settings.bucket]
import_bucket = "{{import_bucket}}"
export_bucket = "{{export_bucket}}"
keep_other_segments = false
part_rows = {(ROWS - DUPLICATES - NO_IDS) // PARTS}
[connections.shared.settings.bucket.audiences.large]
segment_id = {SEGMENT}
trait_id = {SEGMENT}

[connections.files]
"""


class Sandbox(Systems):
    """A sandbox whose clock and workflows are the test's own."""

    def post(self, path: str, body: object) -> None:
        """Tells the sandbox something."""
        address = f"{self.ready['admin']['url']}/sandbox/{path}"
        request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request).close()

    def an_hour_passes(self) -> None:
        """Lets both technical workflows run once."""
        self.post("clock", {"advance_seconds": 3600})

    def journal(self, workflow: str) -> list[str]:
        """What a workflow says it did."""
        with urllib.request.urlopen(f"{self.ready['admin']['url']}/sandbox/workflows/{workflow}") as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return list(found["journal"])

    def bucket(self, name: str) -> Path:
        """The directory of a bucket."""
        return Path(self.ready["buckets"][name].removeprefix("file://"))

    def bind(self, name: str) -> None:
        """Makes a list that is bound to the shared audience, as a person does in Campaign's console."""
        with closing(self._database()) as database, database:
            database.execute(
                "INSERT INTO list_group (name, label, shared_audience_id, data_source_id)"
                " SELECT ?, ?, ?, id FROM data_source WHERE name = 'defaultDataSource'",
                (name, name, SEGMENT),
            )

    def visitor_ids(self) -> list[tuple[str, int]]:
        """Which Visitor ID was seen with which recipient."""
        with closing(self._database()) as database:
            return database.execute(
                "SELECT DISTINCT source_id, recipient_id FROM tracking_log ORDER BY 1, 2"
            ).fetchall()

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.directory / "sandbox" / "campaign.sqlite", timeout=30)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    arguments = ["sandbox", "--recipients", "60000", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield Sandbox(tmp_path, ready)


@pytest.fixture
def shared(sandbox: Sandbox, tmp_path: Path) -> Iterator[Gateway]:
    (tmp_path / "lists").mkdir()
    made = Gateway(sandbox, tmp_path)
    buckets = sandbox.ready["buckets"]
    connection = CONNECTION.format(
        import_bucket=buckets["importSharedAudience"], export_bucket=buckets["exportSharedAudience"]
    )
    made.start(**{"[connections.files]\n": connection})
    yield made
    assert made.end() == 0


def write_ids(path: Path, ids: Sequence[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["personalEmail_address"], *([each] for each in ids)])


def read_ids(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row["personalEmail_address"] for row in csv.DictReader(file)]


@pytest.mark.slow
def test_100_000_rows_reach_a_list_in_four_parts_of_which_one_is_late_and_come_back(shared, sandbox):
    seen = sandbox.visitor_ids()
    known = sorted({visitor for visitor, _ in seen})
    unknown = [f"{number:038d}" for number in range(ROWS - DUPLICATES - NO_IDS - len(known))]
    ids = [*known, *unknown, *known[:DUPLICATES], *(f"no-id-{number}" for number in range(NO_IDS))]
    assert len(ids) == ROWS
    write_ids(shared.state / "lists" / "ids.csv", ids)
    sandbox.bind("large")

    receipt = shared.receipt("files/ids.csv", "shared/large", "--data-source", "visitor-id")

    outcomes = {name: rows for name, rows in receipt["outcomes"].items() if rows}
    assert outcomes == {"delivered": len(known) + len(unknown), "duplicate": DUPLICATES, "rejected": NO_IDS}
    control = max(sandbox.bucket("importSharedAudience").glob("*.info"))  # others are drops of the sandbox
    files = json.loads(control.read_text())["Files"]
    assert len(files) == PARTS

    late = sandbox.bucket("importSharedAudience") / files[2]["FileName"]
    late.rename(sandbox.directory / late.name)
    sandbox.an_hour_passes()
    assert sandbox.members("large") == []
    assert any(f"{PARTS - 1} of {PARTS} parts" in line for line in sandbox.journal("importSharedAudience"))

    (sandbox.directory / late.name).rename(late)
    sandbox.an_hour_passes()
    assert sandbox.members("large") == sorted({recipient for _, recipient in seen})

    sandbox.post("workflows/wkfAudienceExport/events", {"listName": "large", "audienceId": str(SEGMENT)})
    sandbox.an_hour_passes()
    back = shared.receipt("shared/large", "files/back.csv", "--data-source", "visitor-id")
    assert back["outcomes"]["delivered"] == len(known)
    assert sorted(read_ids(shared.state / "lists" / "back.csv")) == known
