"""Whatever the rows, the index and the refusals are: the seven outcomes sum to the input, and shares converge."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from audience_gateway.sdk import CandidatePolicy, Outcome, Reason
from audience_gateway.transfers.model import AudienceRef, GuardLimits, Receipt, ShareRequest
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.task import Sizes
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import Ids, Record, Records, Row, Systems, transfers_of

NAMES = st.sampled_from(["a", "A", "b", "c", "d", "e", "bad"])
ROWS = st.lists(
    st.builds(
        Row,
        st.one_of(st.none(), NAMES),
        st.booleans(),
        st.sampled_from([None, None, None, Reason.MALFORMED_ROW]),
    ),
    max_size=9,
)
RECORDS = st.lists(st.builds(Record, NAMES, st.sampled_from("1234"), st.integers(1, 3), st.booleans()), max_size=8)


async def shared(state: Path, systems: Systems, policy: CandidatePolicy, times: int) -> list[Receipt]:
    receipts = []
    async with transfers_of(systems, TransferOptions(state=state, sizes=Sizes(3, 2))) as transfers:
        for _ in range(times):
            started = await transfers.start(
                ShareRequest(
                    source=AudienceRef("source", "all"),
                    destination=AudienceRef("target", "list"),
                    data_source="plain",
                    policy=policy,
                    guard=GuardLimits(1000, 1.0),
                )
            )
            async for _ in transfers.watch(started.id):
                pass
            receipts.append(await transfers.receipt(started.id))
    return receipts


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, index=RECORDS, refuses=st.sets(st.sampled_from("1234")), policy=st.sampled_from(CandidatePolicy))
def test_rows_are_conserved_and_the_destination_holds_who_was_delivered(rows, index, refuses, policy):
    opted = {(record.id.lower(), record.target) for record in index if record.opted_out}
    target = Records(index=index, refuses=refuses)
    with tempfile.TemporaryDirectory() as state:
        first, second = asyncio.run(shared(Path(state), Systems({"source": Ids(rows), "target": target}), policy, 2))
    for receipt in (first, second):
        assert sum(count.rows for count in receipt.outcomes) == receipt.rows_read == len(rows)
        assert all(sum(count.reasons.values()) == count.rows for count in receipt.outcomes)
    delivered = {count.outcome: count.rows for count in second.outcomes}
    assert delivered[Outcome.DELIVERED] == 0
    assert not target.held & refuses
    wanted = {row.id.lower() for row in rows if row.id and not row.opted_out and not row.defect}
    reachable = {record.target for record in index if record.id.lower() in wanted - {"bad"}}
    assert target.held <= reachable - {
        t for _, t in opted if all((r.id.lower(), t) in opted for r in index if r.target == t)
    }


@settings(max_examples=8, deadline=None)
@given(rows=ROWS)
def test_delivered_ids_are_exactly_the_distinct_valid_ones(rows):
    target = Ids()
    with tempfile.TemporaryDirectory() as state:
        asyncio.run(shared(Path(state), Systems({"source": Ids(rows), "target": target}), CandidatePolicy.ALL, 1))
    valid = {row.id.lower() for row in rows if row.id and not row.opted_out and not row.defect}
    assert target.held == valid - {"bad"}
