from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk.audience_manager.id_sync_lines import id_sync_rows
from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncKind, IdSyncName
from audience_gateway.sdk.audience_manager.id_sync_writing import write_id_sync
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES

DEVICES = IdSyncName(kind=IdSyncKind.DEVICES, data_source_ids=(123, 898, 456), timestamp=0)
EMAILS = IdSyncName(kind=IdSyncKind.HASHED_EMAILS, data_source_ids=(999999, 987654), timestamp=0)


async def write(inbound, name, *rows, key="sync/1", **settings):
    columns = list(map(list, zip(*rows, strict=True)))

    async def batches():
        yield pa.record_batch(
            [pa.array(column, pa.string()) for column in columns], list(map(str, range(len(columns))))
        )

    return await write_id_sync(inbound.folder(**settings), name, batches(), key, inbound.now)


async def test_ids_of_one_user_stand_in_one_line(inbound):
    result = await write(inbound, DEVICES, ("a", "b", "c"), ("d", "e", "f"))
    assert result.accepted == 2
    ((name, content),) = inbound.written().items()
    assert content == "a\tb\tc\nd\te\tf\n"
    parsed = IdSyncName.parse(name)
    assert (parsed.kind, parsed.data_source_ids, parsed.gzip) == ("adobe_id", (123, 898, 456), True)


async def test_what_is_written_is_read(inbound):
    await write(inbound, DEVICES, ("a", "b", "c"))
    ((name, content),) = inbound.written().items()
    rows = id_sync_rows(pa.array(content.encode().splitlines(), pa.binary()), IdSyncName.parse(name))
    assert rows.ids.to_pylist() == [["a", "b", "c"]]


async def test_a_customer_may_have_fewer_hashed_emails_than_others(inbound):
    result = await write(inbound, EMAILS, ("a", "1", "2"), ("b", "3", None))
    assert result.accepted == 2
    assert list(inbound.written().values()) == ["a\t1\t2\nb\t3\n"]


async def test_a_repeat_changes_nothing_and_another_write_is_another_file(inbound):
    await write(inbound, DEVICES, ("a", "b", "c"))
    before = inbound.written()
    await write(inbound, DEVICES, ("a", "b", "c"))
    assert inbound.written() == before
    await write(inbound, DEVICES, ("a", "b", "c"), key="sync/2")
    assert len(inbound.written()) == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("a", "", "c"), "ID_EMPTY"),
        (("a", None, "c"), "ID_EMPTY"),
        (("a", "b\t", "c"), "ID_WITH_CONTROL"),
        (("a", "b", "c "), "ID_WITH_CONTROL"),
        (("a", "b", "c\n"), "ID_WITH_CONTROL"),
        (("a", "b", "c" * (MAX_LINE_BYTES - 3)), "LINE_TOO_LONG"),
    ],
)
async def test_a_row_that_a_file_cannot_hold_is_refused(inbound, row, code):
    result = await write(inbound, DEVICES, ("d", "e", "f"), row)
    assert result.accepted == 1
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [(1, code)]
    assert list(inbound.written().values()) == ["d\te\tf\n"]


async def test_the_longest_row_is_written(inbound):
    assert (await write(inbound, DEVICES, ("a", "b", "c" * (MAX_LINE_BYTES - 4)))).accepted == 1


@pytest.mark.parametrize(("name", "columns"), [(DEVICES, 2), (DEVICES, 4), (EMAILS, 1), (EMAILS, 12)])
async def test_other_numbers_of_columns_are_refused(inbound, name, columns):
    with pytest.raises(ValueError, match="a column for each data source"):
        await write(inbound, name, ("a",) * columns)
