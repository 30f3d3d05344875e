from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk.audience_manager.inbound_items import read_items
from audience_gateway.sdk.audience_manager.inbound_lines import (
    MAX_LINE_BYTES,
    InboundLine,
    Item,
    RealiseTrait,
    RemoveTrait,
    Signal,
    parse_items,
)
from audience_gateway.sdk.audience_manager.inbound_names import Mode
from audience_gateway.sdk.audience_manager.inbound_statements import LineKind, inbound_rows, statements
from hypothesis import example, given
from hypothesis import strategies as st

SYNC, OVERWRITE = LineKind(), LineKind(mode=Mode.OVERWRITE)
ITEMS = st.one_of(
    st.text('ad_siunAD24=:-,"“ é0', max_size=14),
    st.sampled_from(
        [
            "d_sid=24",
            "D_UNSID = 024",
            "24:0",
            "24:-1",
            "24",
            "ic=24",
            '"a,b"=c',
            'a="x, y"',
            "-a=b",
            "--a=b",
            '"-d_sid"=5',
        ]
    ),
    st.lists(st.sampled_from(["d_sid=24", "d_unsid=24", "24:0", "7", " a = b ", "d_sid=25"]), max_size=4).map(",".join),
)
LINES = st.one_of(
    st.binary(max_size=12).filter(lambda line: b"\n" not in line and not line.endswith(b"\r")),
    st.tuples(st.text("ab:%3A\té", max_size=5), ITEMS).map("\t".join).map(str.encode),
    st.tuples(st.sampled_from(["idfa", "GAID", "x"]), st.just("a"), ITEMS).map("\t".join).map(str.encode),
)


def said(line: bytes, kind: LineKind = SYNC) -> tuple[object, ...]:
    found = statements(pa.array([line], pa.binary()), 24, kind)
    return tuple(column[0].as_py() for column in (found.ids, found.added, found.removed, found.defects))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"a\td_sid=24", ("a", True, False, None)),
        (b"a\td_sid=23,d_sid=24", ("a", True, False, None)),
        (b"a\td_sid=024", ("a", True, False, None)),
        (b"a\td_unsid=24", ("a", False, True, None)),
        (b"a\t24:0", ("a", False, True, None)),
        (b"a\td_sid=24,d_unsid=24", ("a", False, True, None)),
        (b"a\td_unsid=24,d_sid=24", ("a", True, False, None)),
        (b"a\td_sid=25", ("a", False, False, None)),
        (b"a\t24", ("a", False, False, None)),
        (b"a\td_sid=24\t", (None, False, False, "malformed_row")),
        (b"a\t", (None, False, False, "malformed_row")),
        (b"a", (None, False, False, "malformed_row")),
        (b"\td_sid=24", (None, False, False, "malformed_row")),
        (b"a:b\td_sid=24", (None, False, False, "malformed_row")),
        (b"\xff\td_sid=24", (None, False, False, "invalid_encoding")),
        (b"a\t" + b"d_sid=24," * (MAX_LINE_BYTES // 9) + b"d_sid=24", (None, False, False, "row_too_large")),
        (b"", (None, False, False, None)),
    ],
)
def test_what_a_line_says_of_a_trait(line, expected):
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"a\td_sid=25", ("a", False, True, None)),
        (b"a\t", ("a", False, True, None)),
        (b"a\td_sid=24,d_unsid=24", ("a", True, False, None)),
        (b"a\td_sid=24,", (None, False, False, "malformed_row")),
    ],
)
def test_a_file_that_overwrites_takes_away_what_it_does_not_name(line, expected):
    assert said(line, OVERWRITE) == expected


def test_items_are_rows_of_their_lines():
    found = read_items(pa.array(['d_sid=0024,"a"="b, c"', "broken", "7,8:-1"]))
    assert found.sound.to_pylist() == [True, False, True]
    assert [tuple(row.values()) for row in found.rows.to_pylist()] == [
        (0, "realise", None, "24"),
        (0, "signal", "a", "b, c"),
        (2, "signal", "ic", "7"),
        (2, "remove", None, "8"),
    ]


def as_row(item: Item) -> tuple[str, str | None, str]:
    if isinstance(item, Signal):
        return "signal", item.key, item.value
    return "realise" if isinstance(item, RealiseTrait) else "remove", None, str(item.trait)


@given(st.lists(ITEMS, max_size=5))
@example(['a=1",b="2'])
@example(["a,,b=c", ",", "a=b,"])
def test_items_are_read_in_columns_as_they_are_one_by_one(texts):
    found = read_items(pa.array(texts, pa.string()))
    rows = found.rows.to_pylist()
    for number, text in enumerate(texts):
        items = parse_items(text)
        assert found.sound[number].as_py() is (items is not None)
        read = [(row["kind"], row["key"], row["value"]) for row in rows if row["line"] == number]
        assert read == [as_row(item) for item in items or ()]


def simply(line: bytes, kind: LineKind) -> tuple[object, ...]:
    if not line:
        return None, False, False, None
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None, False, False, "invalid_encoding"
    overwrite = kind.mode is Mode.OVERWRITE
    parsed = InboundLine.parse(
        text, uuid_source=kind.uuid_source, overwrite=overwrite, oracle_data_cloud=kind.oracle_data_cloud
    )
    if parsed is None:
        return None, False, False, "malformed_row"
    about = [item for item in parsed.items if item in {RealiseTrait(24), RemoveTrait(24)}]
    if overwrite:
        added = RealiseTrait(24) in about
        return parsed.user_id, added, not added, None
    return parsed.user_id, about[-1:] == [RealiseTrait(24)], about[-1:] == [RemoveTrait(24)], None


@given(st.lists(LINES, max_size=6), st.builds(LineKind, st.sampled_from(Mode), st.booleans(), st.booleans()))
def test_every_line_is_one_row_and_the_one_that_a_simple_reader_reads(lines, kind):
    column = pa.array(lines, pa.binary())
    found = statements(column, 24, kind)
    rows = zip(*(each.to_pylist() for each in (found.ids, found.added, found.removed, found.defects)), strict=True)
    assert list(rows) == [simply(line, kind) for line in lines]
    plain = inbound_rows(column, kind)
    assert (plain.ids, plain.defects) == (found.ids, found.defects)
    assert plain.items.null_count == plain.ids.null_count
