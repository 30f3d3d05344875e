"""Indexes that are read for questions, and kept for a while."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "transfers"))

from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.sdk import ConfigError, DataSource
from audience_gateway.storage.relations import QueryLimits
from systems import Ids, Record, Records, Systems

SOURCE = DataSource(name="plain", id_type="plain")
OTHER_FORM = replace(SOURCE, recipe="lower")


class Counted(Records):
    """Counts how often it is read."""

    readings = 0

    async def read_index(self, request):
        self.readings += 1
        async for page in super().read_index(request):
            yield page


def kept(state: Path, crm: object, index_seconds: float = 900) -> KeptIndexes:
    return KeptIndexes(
        Systems({"crm": crm}),
        IndexStore(state / "indexes"),
        QueryLimits(),
        IndexLimits(fresh=timedelta(seconds=index_seconds)),
    )


async def test_forms_of_one_data_source_are_made_in_one_reading(tmp_path):
    crm = Counted(index=[Record("ada", "1")])
    indexes = kept(tmp_path, crm)
    first, second = await indexes.fresh("crm", [SOURCE, OTHER_FORM])
    assert (crm.readings, first.directory == second.directory) == (1, False)


async def test_only_forms_that_are_not_kept_are_read(tmp_path):
    crm = Counted(index=[Record("ada", "1")])
    indexes = kept(tmp_path, crm)
    [before] = await indexes.fresh("crm", [SOURCE])
    both = await indexes.fresh("crm", [SOURCE, OTHER_FORM])
    again = await indexes.fresh("crm", [OTHER_FORM, SOURCE, OTHER_FORM])
    assert both[0] == before
    assert again == [both[1], before, both[1]]
    assert crm.readings == 2


async def test_an_index_that_is_read_anew_leaves_the_one_in_use_as_it_is(tmp_path):
    crm = Counted(index=[Record("ada", "1")])
    indexes = kept(tmp_path, crm, index_seconds=0)
    [old] = await indexes.fresh("crm", [SOURCE])
    crm.index.append(Record("grace", "2"))
    [new] = await indexes.fresh("crm", [SOURCE])
    with indexes.relations() as relations, relations.session() as session:
        targets = [session.rows(f"SELECT target FROM ({one.query()}) ORDER BY 1") for one in (old, new)]
    assert targets == [[("1",)], [("1",), ("2",)]]


async def test_what_nobody_can_use_any_more_is_dropped_when_another_is_read(tmp_path):
    left = tmp_path / "indexes" / "of-a-process-that-ended"
    left.mkdir(parents=True)
    os.utime(left, (0, time.time() - 900 - 3700))
    indexes = kept(tmp_path, Counted(index=[Record("ada", "1")]))
    [index] = await indexes.fresh("crm", [SOURCE])
    assert (left.exists(), index.directory.exists()) == (False, True)


async def test_an_index_holds_keys_and_no_ids(tmp_path):
    [index] = await kept(tmp_path, Counted(index=[Record("ada@example.org", "1")])).fresh("crm", [SOURCE])
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert index.entries == 1
    assert not [path for path in written if b"ada@example" in path.read_bytes()]


async def test_a_connection_without_records_has_none(tmp_path):
    indexes = kept(tmp_path, Ids())
    assert not await indexes.reconciles("crm", SOURCE)
    with pytest.raises(ConfigError, match="do not reconcile"):
        await indexes.fresh("crm", [SOURCE])
