"""An index whose records come in the order of their keys has each of them once, and that is seen without comparing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.identity import index_building
from audience_gateway.identity.index import IndexChunk, write_index
from audience_gateway.identity.record_order import come_in_order
from audience_gateway.sdk import IndexPage
from indexes import SOURCE, Bench, queried
from systems import Plain, Record, Records, entries_of


@pytest.fixture
def chunks(tmp_path):
    """Writes chunks of records, each named as its id, in pages between bars; answers their files."""

    def written(*chunks: str) -> list[Path]:
        paths = [tmp_path / f"{number}.parquet" for number in range(len(chunks))]
        for path, records in zip(paths, chunks, strict=True):
            named = [[Record(id_, id_) for id_ in page.split()] for page in records.split("|")]
            pages = [IndexPage(entries_of(page), "") for page in named]
            write_index(IndexChunk.of(pages, Plain(), SOURCE, last=False), path, by_key=True, provenance={})
        return paths

    return written


@pytest.mark.parametrize(
    "read", [("a b", "c", "d e"), ("a",), (), ("a b", "", "c"), ("a b bad", "c"), ("a b|c||d", "e")]
)
def test_records_that_follow_each_other_are_in_order(chunks, read):
    assert come_in_order(chunks(*read))


@pytest.mark.parametrize(
    "read",
    [("b a",), ("a a",), ("a b", "b c"), ("a c", "b d"), ("c d", "a b"), ("a d", "e c", "f"), ("a b|b",), ("c|a b",)],
)
def test_others_are_not(chunks, read):
    assert not come_in_order(chunks(*read))


@pytest.mark.parametrize(
    ("ids", "distinct"), [("a b c d e", True), ("e d c b a", True), ("a b c d a", False), ("b a b c d", False)]
)
async def test_an_index_knows_it_whatever_the_order(tmp_path, ids, distinct):
    crm = Records(index=[Record(f"{number}", target) for number, target in enumerate(ids.split())])
    assert (await Bench(tmp_path, crm).up_to_date()).distinct_records is distinct


async def test_records_in_order_are_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(index_building, "_distinct_records", None)
    version = await Bench(tmp_path, Records(index=[Record(name, name) for name in "abcde"])).up_to_date()
    assert version.distinct_records


async def test_an_index_of_few_chunks_is_kept_as_it_was_read(tmp_path, monkeypatch):
    monkeypatch.setattr(index_building, "_PARTITION_ROWS", 4)
    version = await Bench(tmp_path, Records(index=[Record(f"{n:02d}", f"{n:02d}") for n in range(40)])).up_to_date()
    assert (version.bits, len(version.files())) == (0, 20)
    parts = " UNION ALL ".join(version.query(part, 2) for part in range(4))
    assert queried(version, f"SELECT target FROM ({parts}) ORDER BY target") == [(f"{n:02d}",) for n in range(40)]
