from __future__ import annotations

import gzip
import hashlib
import os
from contextlib import aclosing
from datetime import timedelta

import pytest
from audience_gateway.sdk import Permanent
from audience_gateway.sdk.audience_manager.control_files import ListedFile, control_file
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate, SyncMode

ROOT = "S3_4711_478_full_1767225600000"
FIRST, SECOND = f"{ROOT}.sync.gz", f"{ROOT}001.sync.gz"
OLDER = "S3_4711_478_full_1767139200000.sync.gz"
MANY = [b"%040d\t24" % number for number in range(250_000)]  # several pages


async def test_a_part_that_is_there_twice_makes_a_batch_unreadable(outbound):
    outbound.deliver(FIRST, b"a\t24")
    outbound.deliver(f"{ROOT}.sync", b"a\t24")
    with pytest.raises(Permanent, match="a part of it is there twice"):
        await outbound.ids()


async def test_a_part_that_comes_twice_is_passed_over_for_an_older_batch(outbound):
    outbound.deliver(OLDER, b"old\t24")
    outbound.deliver(SECOND, b"a\t24")
    outbound.deliver(f"{ROOT}-1.sync.gz", b"a\t24")
    assert await outbound.ids() == ["old"]


async def read_and(outbound, do, read):
    """Reads all, and does something after each page."""
    async with aclosing(outbound.pages()) as pages:
        async for page in pages:
            read += page.members.columns["id"].to_pylist()
            do()


async def test_a_part_that_is_replaced_while_it_is_read_is_noticed_before_its_last_page(outbound):
    path = outbound.deliver(FIRST, *MANY)
    read = []
    with pytest.raises(Permanent, match="changed or is gone while it was read") as caught:
        await read_and(outbound, lambda: path.write_bytes(gzip.compress(b"other\t24\n")), read)
    assert 0 < len(read) < len(MANY)
    assert caught.value.place == path.as_uri()


async def test_a_part_that_is_deleted_while_it_is_read_is_noticed(outbound):
    path = outbound.deliver(FIRST, *MANY)
    with pytest.raises(Permanent, match="changed or is gone while it was read"):
        await read_and(outbound, lambda: path.unlink(missing_ok=True), [])


async def test_a_late_part_ends_reading_that_was_begun_without_it(outbound):
    outbound.deliver(FIRST, *MANY)
    async with aclosing(outbound.pages()) as pages:
        first = await anext(pages)
    outbound.deliver(SECOND, b"late\t24")
    with pytest.raises(Permanent, match="has changed"):
        await anext(outbound.pages(after=first.resume_token))


async def test_a_part_that_comes_late_restarts_the_time_to_settle(outbound):
    for hours, name in ((5, FIRST), (1, SECOND)):
        path = outbound.deliver(name, name.encode() + b"\t24")
        moment = (outbound.now - timedelta(hours=hours)).timestamp()
        os.utime(path, (moment, moment))
    with pytest.raises(Permanent, match="too new"):
        await outbound.ids(settle_seconds=2 * 3600)
    assert await outbound.ids(settle_seconds=3600) == [FIRST, SECOND]


async def test_batches_of_changes_are_not_taken_for_all_members(outbound):
    outbound.deliver(OLDER, b"old\t24")
    outbound.deliver(FIRST.replace("full", "iter"), b"came\t24", b"left\t25\t24")
    assert await outbound.ids() == ["old"]


ITER = [f"S3_4711_478_iter_17670528{day:02d}000.sync.gz" for day in range(4)]


async def said(outbound, **settings):
    """What files of changes say, in their order: `+` for who came, `-` for who left."""
    pages = [page.members.columns async for page in outbound.pages(sync_mode=SyncMode.ITER, **settings)]
    return [
        f"{'-' if row['leaves'] else '+'}{row['id'] or row['defect']}" for page in pages for row in page.to_pylist()
    ]


async def test_changes_are_read_in_the_order_of_their_timestamps_with_those_who_left(outbound):
    outbound.deliver(FIRST, b"full\t24")
    outbound.deliver(ITER[2], b"a\t24\t25", b"bad\tx\ty")
    outbound.deliver(ITER[0].replace("000.sync", "000001.sync"), b"b\t24")
    outbound.deliver(ITER[0], b"a\t25\t24", b"other\t25\t26")
    outbound.deliver(f"earlier/{ITER[1]}", b"b\t\t26,24")
    assert await said(outbound) == ["-a", "+b", "-b", "+a", "+malformed_row"]


async def test_changes_that_say_nothing_of_a_segment_are_no_rows(outbound):
    outbound.deliver(ITER[0], b"a\t25\t26")
    assert await said(outbound) == []


async def test_changes_are_read_up_to_a_batch_that_is_still_arriving(outbound):
    outbound.deliver(ITER[0], b"a\t24")
    outbound.deliver(ITER[1].replace("000.sync", "000002.sync"), b"b\t24")
    assert await said(outbound) == ["+a"]


async def test_changes_are_not_read_past_a_batch_that_is_not_complete(outbound):
    outbound.deliver(ITER[0], b"a\t24")
    late = outbound.deliver(ITER[1].replace("000.sync", "000002.sync"), b"b\t\t24")
    outbound.deliver(ITER[2], b"b\t24")
    with pytest.raises(Permanent, match="changes that later ones follow are not complete: the numbers") as caught:
        await said(outbound)
    assert caught.value.place == late.as_uri()


async def test_no_file_of_changes_at_all_is_an_error_and_not_taken_for_no_changes(outbound):
    outbound.deliver(FIRST, b"full\t24")
    with pytest.raises(Permanent, match="there is no complete iter batch"):
        await said(outbound)


async def test_reading_goes_on_with_the_batches_that_it_began_with(outbound):
    outbound.deliver(ITER[0], b"a\t24")
    outbound.deliver(ITER[1], b"b\t24")
    async with aclosing(outbound.pages(sync_mode=SyncMode.ITER)) as pages:
        token = (await anext(pages)).resume_token
    outbound.deliver(ITER[2], b"late\t24")
    assert await said(outbound, after=token) == ["+b"]
    outbound.deliver(ITER[1], b"other\t24")
    with pytest.raises(Permanent, match="has changed"):
        await said(outbound, after=token)


async def test_batches_of_all_users_and_of_changes_have_their_own_control_files(outbound):
    for mode, line in (("full", b"a\t24"), ("iter", b"b\t\t24")):
        name = FIRST.replace("full", mode)
        stored = outbound.deliver(name, line).read_bytes()
        digest = hashlib.md5(stored, usedforsecurity=False).hexdigest()
        control = control_file("S3", [ListedFile(name=name, size=len(stored), lines=1, md5=digest)])
        (outbound.path / name.replace("sync.gz", "info")).write_bytes(control)
    assert (await outbound.ids(), await said(outbound)) == (["a"], ["-b"])


async def test_names_and_lines_are_read_by_what_the_destination_has_set_up(outbound):
    outbound.deliver("export-1767225600.csv", b"7|a|24;25", b"7|b|25")
    outbound.deliver("export-1767225600001.csv", b"7|c|24")
    names = NameTemplate(timestamp_digits=10, extension="csv", layout="export-<TIMESTAMP><SPLITNUM>")
    lines = LineTemplate.of("<PID>|<MCID>|<SEGMENT_LIST>", list_separator=";")
    assert await outbound.ids(names=names, lines=lines) == ["a", "c"]


async def test_a_gzip_bomb_is_read_in_bounded_memory(outbound):
    path = outbound.path / FIRST
    path.parent.mkdir()
    with gzip.open(path, "wb", 9) as file:
        for _ in range(64):
            file.write(b"\0" * (4 << 20))
    (page,) = [page async for page in outbound.pages()]
    assert page.members.columns["defect"].to_pylist() == ["row_too_large"]
