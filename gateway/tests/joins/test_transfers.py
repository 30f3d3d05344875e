"""A transfer has the same account whichever join finds its records."""

from __future__ import annotations

import sys
from pathlib import Path

from audience_gateway.identity.duckdb_join import DuckDBJoin
from audience_gateway.identity.joining import Join
from audience_gateway.sdk import CandidatePolicy, Outcome
from audience_gateway.transfers.model import AudienceRef, GuardLimits, ShareRequest
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.service import OutcomeQuery
from audience_gateway.transfers.task import Sizes

sys.path.insert(0, str(Path(__file__).parent.parent / "transfers"))

from systems import Ids, Record, Records, Row, Systems, transfers_of

REQUEST = ShareRequest(
    source=AudienceRef("source", "all"),
    destination=AudienceRef("target", "list"),
    data_source="plain",
    policy=CandidatePolicy.REJECT,
    guard=GuardLimits(removed_rows=9, removed_share=1.0),
)
ROWS = ["ada", "ADA", "ada too", "bob", "cyd", "dan", "two", "nobody", "bad", None]
INDEX = [
    Record("ada", "1"),
    Record("ada too", "1"),
    Record("bob", "2", opted_out=True),
    Record("cyd", "3"),
    Record("dan", "4"),
    Record("two", "5"),
    Record("two", "6"),
]


async def account(state: Path, join: Join) -> tuple[list[dict[str, object]], set[str]]:
    """All rows with their outcomes, and who is in the destination then."""
    target = Records(index=INDEX, refuses={"4"})
    systems = Systems({"source": Ids([Row(id_) for id_ in ROWS]), "target": target})
    options = TransferOptions(state=state, sizes=Sizes(chunk_rows=4, partition_rows=8), join=join)
    async with transfers_of(systems, options) as transfers:
        transfer = await transfers.start(REQUEST)
        [*_, ended] = [change async for change in transfers.watch(transfer.id)]
        assert ended.failure is None
        batches = [batch async for batch in transfers.export_outcomes(OutcomeQuery(transfer=transfer.id))]
    # Fingerprints of one id differ from one transfer to the next.
    return [row for batch in batches for row in batch.drop_columns(["id_fingerprint"]).to_pylist()], target.held


async def test_accounts_are_the_same_to_the_last_row(tmp_path_factory, spark_join):
    rows, members = await account(tmp_path_factory.mktemp("spark"), spark_join)
    assert [row["row"] for row in rows] == list(range(1, len(ROWS) + 1))
    assert {row["outcome"] for row in rows} >= {Outcome.DELIVERED, Outcome.UNMATCHED, Outcome.REJECTED}
    assert (rows, members) == await account(tmp_path_factory.mktemp("duckdb"), DuckDBJoin())
