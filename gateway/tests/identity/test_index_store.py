"""Versions of identity indexes appear whole, whoever is killed when, and stay while somebody uses them."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.identity import index_building, index_refresh
from audience_gateway.identity.index_store import IndexStore
from indexes import Bench, Watched, entries
from systems import Record


class Killed(Exception):
    """The process is gone."""


@pytest.fixture
def crm():
    return Watched(index=[Record("a", "1"), Record("b", "2")])


@pytest.fixture
def bench(tmp_path, crm):
    return Bench(tmp_path, crm)


def killing(calls: int, call):
    """Is killed in one of the calls, once."""
    left = [calls]

    def sometimes(*args, **kwargs):
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return call(*args, **kwargs)

    return sometimes


PLACES = {
    "before it knows what to read": (index_refresh, "publishing", 1),
    "before the first chunk": (index_refresh, "write_index", 1),
    "between chunks": (index_refresh, "write_index", 2),
    "while it builds": (index_building, "files", 1),
    "before the version is whole": (index_building.IndexVersion, "describe", 1),
    "before it is put to use": (IndexStore, "publish", 1),
    "while it cleans up": (index_refresh.shutil, "rmtree", 1),
}


@pytest.mark.parametrize("everything", [False, True], ids=["changes", "everything"])
@pytest.mark.parametrize("place", PLACES)
async def test_who_is_killed_leaves_the_version_before_and_comes_again(bench, crm, monkeypatch, place, everything):
    before = entries(await bench.up_to_date())
    crm.put(Record("c", "3"), Record("d", "4"))
    if everything:
        bench.limits = replace(bench.limits, rebuild=timedelta(0))
        crm.sees_removals = False
    owner, name, calls = PLACES[place]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killing(calls, getattr(owner, name)))
        with pytest.raises(Killed):
            await bench.up_to_date(bench.state / "work")
        if place != "while it cleans up":
            assert entries(bench.newest) == before
    version = await bench.up_to_date(bench.state / "work")
    assert sorted(target for _, target, *_ in entries(version)) == ["1", "2", "3", "4"]
    assert entries(bench.newest) == entries(version)


async def test_a_version_that_is_pinned_stays_when_it_is_gone_from_the_store(bench, tmp_path):
    await bench.up_to_date()
    newest = bench.newest
    pinned = bench.store.pin(newest, tmp_path / "pinned")
    shutil.rmtree(newest.directory)
    assert len(entries(pinned)) == 2
    assert bench.store.pin(newest, tmp_path / "too-late") is None


async def test_two_who_read_at_a_time_leave_the_later_reading(bench, crm, tmp_path):
    slow = bench.refresh(tmp_path / "slow")
    await slow.begin(crm)
    crm.put(Record("c", "3"))
    later = await bench.up_to_date()
    await bench.up_to_date(tmp_path / "slow")
    assert bench.newest.read == later.read


async def test_versions_are_dropped_an_hour_after_another_one_has_come(bench, crm):
    await bench.up_to_date()
    first = bench.newest
    crm.put(Record("c", "3"))
    await bench.up_to_date()
    second = bench.newest
    bench.store.sweep()
    assert first.directory.exists()
    os.utime(second.directory, (0, time.time() - 3700))
    bench.store.sweep()
    assert (first.directory.exists(), second.directory.exists()) == (False, True)


@pytest.mark.parametrize(("idle", "stays"), [("directory", True), ("chunks", False)])
async def test_a_long_reading_is_not_swept_away_while_it_goes_on(bench, crm, idle, stays):
    refresh = bench.refresh(bench.store.reading())
    await refresh.begin(crm)
    refresh.chunk(0).parent.mkdir()
    long_ago = (0, time.time() - 90_000)
    for directory in [refresh.directory, *([refresh.chunk(0).parent] if idle == "chunks" else [])]:
        os.utime(directory, long_ago)
    bench.store.sweep()
    assert refresh.directory.exists() is stays


async def test_each_file_says_where_its_entries_are_from_and_which_recipe_made_their_keys(bench, crm, monkeypatch):
    monkeypatch.setattr(index_building, "_MOST_ABOVE", 10.0)
    await bench.up_to_date()
    crm.put(Record("c", "3"))
    version = await bench.up_to_date()
    files = [*version.directory.rglob("0*.parquet")]
    assert len(files) == 2
    for file in files:
        said = {name.decode(): value.decode() for name, value in pq.read_metadata(file).metadata.items()}
        assert (said["connection"], said["data_source"], said["recipe"]) == ("crm", "plain", "trim@1")
    assert json.loads((version.directory / "version.json").read_text())["mark"] == "1"
