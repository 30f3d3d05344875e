"""Rows leave with fingerprints of their ids, and with the ids only where a query reveals them."""

from __future__ import annotations

import pytest
from at_once import shares
from audience_gateway.transfers.service import OUTCOME_ROWS, REVEALED_ROWS, OutcomeQuery
from systems import Ids, Row

ROWS = [Row("=ada"), Row(None), Row("bad")]


@pytest.fixture
def asked():
    """Asks a transfer of some rows: for the rows of a page, and for those of an export."""
    with shares(Ids()) as opened:
        transfer = opened.share(ROWS)

        def ask(*, reveal_ids: bool):
            query = OutcomeQuery(transfer=transfer.id, reveal_ids=reveal_ids)

            async def export():
                return [batch async for batch in opened.transfers.export_outcomes(query)]

            return opened.runner.run(opened.transfers.outcomes(query)), opened.runner.run(export())

        yield ask


def test_a_query_that_reveals_ids_has_them_as_they_were_read(asked):
    rows, [batch] = asked(reveal_ids=True)
    assert [row.id for row in rows] == ["=ada", None, "bad"]
    assert batch.column("id").to_pylist() == ["=ada", None, "bad"]
    assert batch.schema.names == REVEALED_ROWS.names
    assert "ada" not in repr(rows)


def test_any_other_query_has_fingerprints_only(asked):
    rows, [batch] = asked(reveal_ids=False)
    assert [row.id for row in rows] == [None, None, None]
    assert [bool(row.id_fingerprint) for row in rows] == [True, False, True]
    assert batch.schema.names == OUTCOME_ROWS.names
