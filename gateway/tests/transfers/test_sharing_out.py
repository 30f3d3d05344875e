"""Rows by shares: the same whether each share reads all of them, or they are split."""

import pytest
from audience_gateway.storage.relations import QueryLimits, Relations
from audience_gateway.transfers.shares import shares
from audience_gateway.transfers.sharing_out import SharedOut

ROWS = "SELECT i AS row, 'record-' || i AS target FROM range(1000) AS numbers(i)"


@pytest.fixture
def session(tmp_path):
    with Relations(tmp_path / "scratch", QueryLimits()) as relations, relations.session() as session:
        yield session


@pytest.mark.parametrize(("number", "splits"), [(1, False), (4, False), (5, True), (64, True)])
def test_each_row_is_in_one_share_and_where_the_share_says(session, tmp_path, number, splits):
    split = SharedOut(
        query=ROWS, columns={"row": "BIGINT", "target": "VARCHAR"}, by="target", directory=tmp_path / "split"
    )
    told = [(share, session.rows(split.of(session, share))) for share in shares(number)]
    assert sorted(row for _, rows in told for row, _ in rows) == list(range(1000))
    for share, rows in told:
        held = session.rows(f"SELECT row FROM ({ROWS}) WHERE {share.holds('target')}")
        assert sorted(row for row, _ in rows) == sorted(row for (row,) in held)
    assert (tmp_path / "split").exists() is splits


def test_what_is_split_already_is_not_split_again(session, tmp_path):
    first = SharedOut(query=ROWS, columns={"row": "BIGINT"}, by="target", directory=tmp_path / "split")
    share = shares(8)[3]
    before = session.rows(first.of(session, share))
    again = SharedOut(query="FROM gone", columns={"row": "BIGINT"}, by="target", directory=tmp_path / "split")
    assert session.rows(again.of(session, share)) == before != []
