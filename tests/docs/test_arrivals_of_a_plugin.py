"""The page on plugins tells how far a delivery has got: its example, on a bucket of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from audience_gateway.sdk import ArrivalRequest, Capability, DataSource, DeliveredWrite, capabilities
from audience_gateway.storage import open_bucket
from pages import DOCS, blocks

_, ARRIVALS, _ = blocks(DOCS / "how-to" / "write-a-plugin.md", "python")
SOURCE = DataSource(name="email", id_type="email")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def connector(tmp_path) -> Any:
    names: dict[str, Any] = {}
    exec(compile(ARRIVALS.text, ARRIVALS.where, "exec"), names)  # noqa: S102  # a page of our own
    made = names["Ingesting"]()
    made.bucket = open_bucket(f"file://{tmp_path}")
    return made


def delivery() -> ArrivalRequest:
    writes = [DeliveredWrite(key=f"t-1/add-{number}", members=2, time=NOON) for number in range(2)]
    lost = DeliveredWrite(key="t-1/add-2", members=2, time=NOON, in_doubt=True)
    return ArrivalRequest(audience="list", source=SOURCE, writes=(*writes, lost), delivered=NOON)


def test_the_example_can_be_polled(connector):
    assert capabilities(type(connector)) == {Capability.POLL_ARRIVALS}
    assert [stage.name for stage in connector.arrival_stages("list", SOURCE)] == ["ingested", "visible"]


async def test_the_example_tells_what_was_read_so_far(connector):
    await connector.bucket.write("t-1/add-0.done", b"")

    (ingested,) = await connector.poll_arrivals(delivery())

    assert (ingested.reached, ingested.counts) == (None, {"files_read": 1})


async def test_the_example_does_not_wait_for_a_write_in_doubt(connector):
    done = [await connector.bucket.write(f"t-1/add-{number}.done", b"") for number in range(2)]

    (ingested,) = await connector.poll_arrivals(delivery())

    assert ingested.reached == done[1].modified
