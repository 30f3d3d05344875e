from __future__ import annotations

import itertools
import tempfile
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from audience_gateway.sdk import ConfigError, DataSource, TargetBatch
from audience_gateway.sdk.audience_manager.inbound_lines import InboundLine
from audience_gateway.sdk.audience_manager.inbound_names import InboundName
from audience_gateway.sdk.audience_manager.inbound_parts import MAX_LINES_OF_A_USER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GAIDS = DataSource(name="gaid", id_type="gaid", aam_data_source_id=20914)


def ids(*ranges: range) -> list[TargetBatch]:
    return [TargetBatch.of([f"user-{number:06d}" for number in numbers]) for numbers in ranges]


async def test_a_stream_becomes_as_many_files_as_its_size_needs(inbound):
    result = await inbound.stream(ids(range(1000), range(1000, 3000)), part_bytes=20_000)
    assert (result.accepted, result.refused) == (3000, ())
    contents = inbound.written().values()
    assert len(contents) >= 3000 * 20 // 20_000
    assert all(0 < len(content) <= 20_000 for content in contents)
    lines = sorted(line for content in contents for line in content.splitlines())
    assert lines == [f"user-{number:06d}\td_sid=24" for number in range(3000)]


async def test_the_order_of_names_is_that_of_the_members(inbound):
    await inbound.stream(ids(range(3000)), part_bytes=20_000)
    by_time = sorted(inbound.written().items(), key=lambda item: InboundName.parse(item[0]).timestamp)
    lines = [line for _, content in by_time for line in content.splitlines()]
    assert lines == sorted(lines)


async def test_a_repeated_stream_changes_nothing_however_it_is_cut(inbound):
    first = await inbound.stream(ids(range(3000)), part_bytes=20_000)
    before = inbound.written()
    inbound.now += timedelta(days=1)
    assert await inbound.stream(ids(range(3000)), part_bytes=20_000) == first
    assert inbound.written() == before


async def test_a_stream_that_was_broken_off_is_completed_by_its_repeat(inbound):
    await inbound.stream(ids(range(3000)), part_bytes=20_000)
    whole = inbound.written()
    (inbound.path / list(whole)[1]).unlink()
    await inbound.stream(ids(range(3000)), part_bytes=20_000)
    assert sorted(inbound.written().values()) == sorted(whole.values())


async def test_a_user_has_at_most_200_lines_in_a_file(inbound):
    result = await inbound.stream([TargetBatch.of(["a", "b"] * 450)])
    assert result.accepted == 900
    for content in inbound.written().values():
        assert content.count("a\t") <= MAX_LINES_OF_A_USER
        assert content.count("b\t") <= MAX_LINES_OF_A_USER
    assert sum(content.count("\n") for content in inbound.written().values()) == 900


async def test_lines_of_a_user_are_counted_over_all_batches_of_a_stream(inbound):
    await inbound.stream([TargetBatch.of(["a"] * 120)] * 2)
    assert sorted(content.count("\n") for content in inbound.written().values()) == [120, 120]


async def test_refused_members_have_their_positions_in_the_whole_stream(inbound):
    result = await inbound.stream([TargetBatch.of(["a", "b:c"]), TargetBatch.of(["", "d"])])
    assert result.accepted == 2
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [(1, "ID_WITH_COLON"), (2, "ID_EMPTY")]


async def test_a_stream_without_members_leaves_no_file(inbound):
    assert (await inbound.stream([])).accepted == 0
    assert (await inbound.stream([TargetBatch.of([]), TargetBatch.of([""])])).accepted == 0
    assert inbound.written() == {}


async def test_ids_that_all_companies_share_need_a_target_which_the_name_then_bears(inbound):
    inbound.source = GAIDS
    with pytest.raises(ConfigError) as caught:
        await inbound.write("e4fe9bde-caa0-47b6-908d-ffba3fa184f2")
    assert caught.value.place == "data_sources.gaid.aam_data_source_id"
    await inbound.write("e4fe9bde-caa0-47b6-908d-ffba3fa184f2", target=21)
    (name,) = inbound.written()
    assert name.startswith("ftp_dpm_20914_21_")


async def test_the_same_write_for_another_target_is_another_file(inbound):
    await inbound.write("a", target=21)
    await inbound.write("a", target=22)
    assert len(inbound.written()) == 2


async def test_files_go_to_the_folder_of_the_day_and_a_repeat_finds_them_the_day_after(inbound):
    await inbound.write("a", prefix="aam/example/", dated=True)
    inbound.now += timedelta(days=1)
    await inbound.write("a", prefix="aam/example/", dated=True)
    (key,) = inbound.written()
    assert key.startswith("aam/example/date=2026-01-02/ftp_dpm_478_")


async def test_bytes_that_are_no_utf_8_are_refused(inbound):
    ids = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.array([0, 1, 3], pa.int32()).buffers()[1], pa.py_buffer(b"a\xffb")]
    )
    result = await inbound.stream([TargetBatch.of(ids)])
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [(1, "ID_NOT_UTF_8")]
    assert list(inbound.written().values()) == ["a\td_sid=24\n"]


async def test_text_beyond_ascii_is_written_as_utf_8(inbound):
    await inbound.write("zoë")
    assert list(inbound.written().values()) == ["zoë\td_sid=24\n"]


TARGETS = st.text("ab:%3A\t\n\ré \0", max_size=4) | st.sampled_from(["a", "b"])


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(batches=st.lists(st.lists(TARGETS, max_size=6), max_size=4), part_bytes=st.integers(1, 60))
async def test_every_member_is_in_a_line_or_refused_whatever_it_is(inbound, batches, part_bytes):
    inbound.path = Path(tempfile.mkdtemp(dir=inbound.path.parent))
    result = await inbound.stream([TargetBatch.of(batch) for batch in batches], part_bytes=part_bytes)
    members = list(itertools.chain(*batches))
    refused = {refusal.index for refusal in result.refused}
    assert result.accepted + len(result.refused) == len(members)
    lines = [InboundLine.parse(line) for text in inbound.written().values() for line in text.split("\n")[:-1]]
    assert None not in lines
    accepted = [member for index, member in enumerate(members) if index not in refused]
    assert sorted(line.user_id for line in lines) == sorted(accepted)
