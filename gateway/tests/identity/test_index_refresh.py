"""Identity indexes are brought up to date by what has changed, and are then as if they had been read anew."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.identity import index_building, index_form
from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.sdk import Codec, Permanent
from indexes import Bench, Watched, entries, entry_of, queried
from systems import Record, Records

TARGETS = st.sampled_from("12345")
RECORDS = st.builds(Record, st.sampled_from("abcdef"), TARGETS, st.integers(1, 9), st.booleans())
CHANGES = st.lists(st.one_of(st.tuples(st.just("put"), RECORDS), st.tuples(st.just("drop"), TARGETS)), max_size=4)


def names_each_record_once(version):
    targets = [target for _, target, *_ in entries(version)]
    return len(targets) == len(set(targets))


@settings(max_examples=8, deadline=None)
@given(above=st.sampled_from([0.1, 100.0]), rounds=st.lists(CHANGES, min_size=2, max_size=4))
def test_changes_upon_changes_make_what_reading_anew_makes(above, rounds):
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_building, "_MOST_ABOVE", above)
        patch.setattr(index_building, "_FEW_CHUNKS", 0)
        patch.setattr(index_building, "_PARTITION_ROWS", 3)
        bench = Bench(Path(directory), crm := Watched(index=[Record("a", "1")]))
        for changes in rounds:
            for name, change in changes:
                getattr(crm, name)(change)
            version = asyncio.run(bench.up_to_date())
            assert set(entries(version)) == {entry_of(record) for record in crm.index}
            assert not version.distinct_records or names_each_record_once(version)
        anew = asyncio.run(Bench(bench.state / "anew", Records(index=crm.index)).up_to_date())
        assert set(entries(anew)) == set(entries(version))
        assert anew.distinct_records == names_each_record_once(anew)
        assert set(crm.readings[1:]) <= {"changes"}


@pytest.fixture
def crm():
    return Watched(index=[Record("a", "1"), Record("b", "2"), Record("b", "3")])


@pytest.fixture
def bench(tmp_path, crm):
    return Bench(tmp_path, crm)


async def test_nothing_is_read_again_where_nothing_has_changed(bench, crm):
    first, second = await bench.up_to_date(), await bench.up_to_date()
    assert crm.readings == ["everything"]
    assert second.read > first.read
    assert entries(second) == entries(first)


async def test_changes_lie_upon_the_files_of_before(bench, crm, monkeypatch):
    monkeypatch.setattr(index_building, "_MOST_ABOVE", 10.0)
    first = await bench.up_to_date()
    crm.put(Record("c", "4"))
    second = await bench.up_to_date()
    assert [layer.entries for layer in second.layers] == [3, 1]
    assert second.files() is None
    (before,), (after,) = ([*version.directory.glob("0000/00/00000.parquet")] for version in (first, second))
    assert before.samefile(after)


async def test_layers_become_one_when_much_lies_upon_the_lowest(bench, crm):
    await bench.up_to_date()
    crm.put(Record("c", "4"))
    version = await bench.up_to_date()
    assert ([layer.name for layer in version.layers], version.entries) == (["0000"], 4)
    assert crm.readings == ["everything", "changes"]


async def test_a_version_knows_whether_records_are_distinct_until_one_gets_a_second_id(bench, crm):
    known = [(await bench.up_to_date()).distinct_records]
    for record in (Record("c", "4"), Record("d", "4")):
        crm.put(record)
        known.append((await bench.up_to_date()).distinct_records)
    assert known == [True, True, False]


async def test_a_large_index_is_split_by_the_top_bits_of_keys(tmp_path, monkeypatch):
    monkeypatch.setattr(index_building, "_FEW_CHUNKS", 0)
    monkeypatch.setattr(index_building, "_PARTITION_ROWS", 4)
    version = await Bench(tmp_path, Records(index=[Record(str(n), str(n)) for n in range(40)])).up_to_date()
    assert version.bits == 4
    whole = entries(version)
    for bits in (2, 4, 6):  # wider than the files are split, as wide, and narrower
        parts = [f"SELECT {part} AS part, key FROM ({version.query(part, bits)})" for part in range(1 << bits)]
        found = queried(version, f"FROM ({' UNION ALL '.join(parts)}) ORDER BY key")
        assert found == [(key.int >> (128 - bits), key) for key, *_ in whole]
        assert {path for part in range(1 << bits) for path in version.files(part, bits)} == {*version.files()}
    assert len(version.files(3, 4)) == len(version.files(15, 6)) == 1 < len(version.files(3, 2))


async def test_what_cannot_be_seen_to_have_gone_goes_when_everything_is_due(bench, crm):
    crm.sees_removals = False
    await bench.up_to_date()
    crm.drop("2")
    crm.put(Record("c", "4"))
    assert {target for _, target, *_ in entries(await bench.up_to_date())} == {"1", "2", "3", "4"}
    bench.limits = replace(bench.limits, rebuild=timedelta(0))
    assert {target for _, target, *_ in entries(await bench.up_to_date())} == {"1", "3", "4"}


async def test_a_fresh_version_is_used_without_asking(bench, crm):
    await bench.up_to_date()
    crm.put(Record("c", "4"))
    bench.limits = replace(bench.limits, fresh=timedelta(hours=1))
    assert (await bench.up_to_date()).entries == 3
    assert crm.readings == ["everything"]


@pytest.mark.parametrize("otherwise", [{"recipe": "lower"}, {"codec": Codec.SHA256}, {"pre_encoded": True}])
async def test_another_data_source_recipe_or_codec_has_an_index_of_its_own(bench, crm, otherwise):
    await bench.up_to_date()
    bench.source = replace(bench.source, **otherwise)
    assert bench.newest is None
    await bench.up_to_date()
    assert crm.readings == ["everything", "everything"]


async def test_another_version_of_the_recipe_has_an_index_of_its_own(bench, monkeypatch):
    await bench.up_to_date()
    monkeypatch.setattr(index_form, "recipe_label", lambda source: "trim@2")
    assert bench.newest is None


@pytest.mark.parametrize(
    ("limits", "left", "held"),
    [
        (IndexLimits(shrunk_rows=1, shrunk_share=0.4), 1, True),
        (IndexLimits(shrunk_rows=1, shrunk_share=0.4), 2, False),
        (IndexLimits(shrunk_rows=2, shrunk_share=0.4), 1, False),
        (IndexLimits(shrunk_rows=1, shrunk_share=0.7), 1, False),
        (IndexLimits(shrunk_rows=9, shrunk_share=0.7), 0, True),
    ],
)
async def test_an_index_that_shrinks_too_much_is_held_back_and_the_one_before_stays(tmp_path, limits, left, held):
    bench = Bench(tmp_path, crm := Records(index=[Record("a", "1"), Record("b", "2"), Record("c", "3")]))
    before = entries(await bench.up_to_date())
    bench.limits, crm.index = limits, crm.index[:left]
    if not held:
        assert len(entries(await bench.up_to_date())) == left
        return
    with pytest.raises(Permanent, match=f"from 3 entries to {left}") as refusal:
        await bench.up_to_date()
    assert refusal.value.place == "connections/crm by dataSources/plain"
    assert "`indexes.shrunk_rows`" in refusal.value.remedy
    assert entries(bench.newest) == before
