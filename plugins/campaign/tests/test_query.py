from __future__ import annotations

import pytest
from audience_gateway.sdk import Permanent
from audience_gateway_campaign.query import Linked, Query, key_literal, literal, path_of
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree


def test_a_query_document_names_schema_columns_conditions_order_and_rows():
    query = Query(
        schema="nms:recipient",
        select=("@id", "@email"),
        where=("@id > 12", Linked("rcpGrpRel", "[rcpGroup/@name] = 'LST29'")),
        order_by="@id",
        rows=3,
    )
    assert etree.tostring(query.document(), encoding="unicode") == (
        '<queryDef schema="nms:recipient" operation="select" lineCount="3">'
        '<select><node expr="@id"/><node expr="@email"/></select>'
        '<where><condition expr="@id &gt; 12"/>'
        '<condition expr="rcpGrpRel" setOperator="EXISTS">'
        "<condition expr=\"[rcpGroup/@name] = 'LST29'\"/></condition></where>"
        '<orderBy><node expr="@id"/></orderBy></queryDef>'
    )


def test_a_count_asks_for_no_columns_and_no_order():
    query = Query(schema="nms:recipient", select=("@id",), order_by="@id")
    assert etree.tostring(query.document("count")) == b'<queryDef schema="nms:recipient" operation="count"/>'


def test_downward_order():
    query = Query(schema="nms:group", select=("@id",), order_by="@id", descending=True)
    assert query.document().find("orderBy/node").get("sortDesc") == "true"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("LST29", "'LST29'"), ("O'Hara", r"'O\'Hara'"), ("a\\b", r"'a\\b'"), ("\\'", r"'\\\''"), ("", "''")],
)
def test_quotes_and_backslashes_are_escaped(value, expected):
    assert literal(value) == expected


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_an_escaped_text_ends_where_it_should_and_reads_back(value):
    quoted = literal(value)
    read, position = "", 1
    while quoted[position] != "'":
        position += quoted[position] == "\\"
        read += quoted[position]
        position += 1
    assert (read, position) == (value, len(quoted) - 1)


def test_a_text_that_xml_cannot_carry_is_refused():
    with pytest.raises(Permanent):
        literal("a\x00b")


@pytest.mark.parametrize(
    ("key", "expected"), [("5001", "5001"), ("-1", "-1"), ("0a-1f", "'0a-1f'"), ("1 OR 1", "'1 OR 1'")]
)
def test_integer_keys_are_numbers_and_others_are_texts(key, expected):
    assert key_literal(key) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("@id", ((), "id")),
        ("[@recipient-id]", ((), "recipient-id")),
        ("[recipient/@email]", (("recipient",), "email")),
        ("[a/b/@c]", (("a", "b"), "c")),
    ],
)
def test_paths(expression, expected):
    assert path_of(expression) == expected
