"""How exported files are written (rtcdp 6.5)."""

import csv
import io
import json
import sqlite3

import pyarrow.parquet as pq
import pytest
from audience_gateway_sandbox.platform.destinations.formats import Format, format_of
from audience_gateway_sandbox.platform.wire import Refusal

from .activating import activate, field

VALUES = [("a", "b"), (None, ""), ('say "hi"', "x,y"), ("back\\slash", "two\nlines"), ("O'Neill", "é")]
HEADERS = ["first_col", "second_col"]


def file(made, values=VALUES):
    """Write values as an export does: through SQL."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (c0 TEXT, c1 TEXT)")
    database.executemany("INSERT INTO t VALUES (?, ?)", values)
    sql, parameters = made.row_sql(["c0", "c1"], HEADERS)
    rows = database.execute(f"SELECT {sql} FROM t ORDER BY rowid", parameters).fetchall()
    database.close()
    return made.file(HEADERS, rows)


def test_cells_are_quoted_where_they_need_it():
    lines = file(Format()).decode().split("\n", 4)
    assert lines[:4] == ["first_col,second_col", "a,b", ',""', r'"say \"hi\"","x,y"']


def test_what_is_written_is_read_by_others_as_it_was():
    text = file(Format(empty="")).decode()
    read = list(csv.reader(io.StringIO(text, newline=""), escapechar="\\", doublequote=False))
    assert read == [HEADERS, *([first or "", second or ""] for first, second in VALUES)]


@pytest.mark.parametrize("delimiter", [",", ":", "|", ";", "\t"])
def test_any_documented_delimiter_divides(delimiter):
    text = file(Format(delimiter=delimiter), [("a", f"b{delimiter}c")]).decode()
    assert text == f'first_col{delimiter}second_col\na{delimiter}"b{delimiter}c"\n'


def test_nothing_and_empty_are_written_as_told():
    assert file(Format(null="null", empty=""), [(None, "")]).decode().splitlines()[1] == "null,"


def test_everything_may_be_quoted():
    assert file(Format(quote_all=True), [("a", None)]).decode().splitlines() == ['"first_col","second_col"', '"a",']


def test_without_a_quote_cells_stand_as_they_are():
    assert file(format_of({"csvOptions": {"quote": "\0"}}), [('a"b', "c,d")]).decode().splitlines()[1] == 'a"b,c,d'


def test_another_escape_stands_before_quotes():
    assert (
        file(format_of({"csvOptions": {"escape": "'"}}), [('a"b', "O'N")]).decode().splitlines()[1]
        == '"a\'"b","O\'\'N"'
    )


def test_text_may_be_in_utf_16():
    assert file(format_of({"csvOptions": {"encoding": "UTF-16"}})).decode("utf-16").startswith("first_col,")


def test_json_has_an_object_a_line():
    lines = file(format_of({"fileType": "json"})).decode().splitlines()
    assert [json.loads(line) for line in lines] == [dict(zip(HEADERS, row, strict=True)) for row in VALUES]


def test_parquet_has_a_column_a_field():
    table = pq.read_table(io.BytesIO(file(format_of({"fileType": "PARQUET"}))))
    assert table.to_pylist() == [dict(zip(HEADERS, row, strict=True)) for row in VALUES]


@pytest.mark.parametrize(
    "params",
    [{"fileType": "XML"}, {"compression": "LZ4"}, {"csvOptions": {"delimiter": "x"}}, {"csvOptions": "no"}],
)
def test_what_is_not_documented_is_refused(params):
    with pytest.raises(Refusal):
        format_of(params)


async def test_values_that_are_no_scalars_are_not_exported(caller):
    inlet = await caller.inlet()
    identity = {"Email": [{"id": "new@example.org", "primary": True}]}
    entity = {"identityMap": identity, "a": {"b": {"c": 1}}, "flag": True, "number": 1.5, "list": [1]}
    await caller.send(inlet, entity)
    audience = await caller.define("number = 1.5")
    await caller.evaluate(audience)
    fields = [field(path) for path in ("a.b", "a.b.c", "flag", "number", "list", "none")]
    activated = await activate(caller, audience, fields=fields)
    await activated.run_now()
    assert activated.rows() == [["a_b", "a_b_c", "flag", "number", "list", "none"], ["", "1", "true", "1.5", "", ""]]
