"""What the expression language can say, one feature a line."""

from __future__ import annotations

from contextlib import suppress

import pytest
from audience_gateway_sandbox.campaign.expressions import parse
from audience_gateway_sandbox.campaign.expressions.tree import Literal
from audience_gateway_sandbox.campaign.faults import MethodError
from hypothesis import given
from hypothesis import strategies as st

EVERYBODY = [1000, 1001, 1002, 1003]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("@id = 1000", [1000]),
        ("@id=1000", [1000]),
        ("1000 = @id", [1000]),
        ("@id = '1000'", [1000]),
        ("@id != 1000", [1001, 1002, 1003]),
        ("@id <> 1000", [1001, 1002, 1003]),
        ("@id < 1001", [1000]),
        ("@id <= 1001", [1000, 1001]),
        ("@id > 1001", [1002, 1003]),
        ("@id >= 1001.5", [1002, 1003]),
        ("@id > -1 and @id < 99999999999999999999999999", EVERYBODY),
        ("@id IN (1000,1003)", [1000, 1003]),
        ("@email IN ('ana.ruiz@example.org', 'li.wei@example.org')", [1000, 1001]),
        ("@id NOT IN (1000, 1003)", [1001, 1002]),
        ("@email LIKE '%@example.org'", [1000, 1001, 1002]),
        ("@email like 'a_a.%'", [1000]),
        ("@email LIKE 'ANA%'", []),
        ("@email NOT LIKE '%.%'", [1003]),
        ("@lastName LIKE '%*%'", []),
        ("@firstName IS NULL", [1003]),
        ("@firstName IS NOT NULL", [1000, 1001, 1002]),
        ("@email is null", [1003]),
        ("@birthDate is not null", [1000, 1001]),
        ("@firstName = ''", [1003]),
        ("@firstName != 'Ana'", [1001, 1002, 1003]),
        ("[@folder-id] = 2", [1001, 1002]),
        ("[@folder-id] = 0", [1003]),
        ("[@email] = 'li.wei@example.org'", [1001]),
        ("[folder/@label] = 'Profiles'", [1000]),
        ("[folder/@name] like 'nms%'", [1000, 1001, 1002]),
        ("@blackList = 1", [1001]),
        ("@blackList = true", [1001]),
        ("@blackList", [1001]),
        ("NOT @blackList", [1000, 1002, 1003]),
        ("@blackListEmail = 0", EVERYBODY),
        ("@id = 1000 OR @id = 1001 AND @id = 1002", [1000]),
        ("(@id = 1000 OR @id = 1001) AND @id != 1000", [1001]),
        ("not (@id = 1000 or @id = 1001)", [1002, 1003]),
        ("NOT NOT @id = 1000", [1000]),
        ("Lower(@email) = 'jean.noel@example.org'", [1002]),
        ("Upper(@lastName) LIKE '%NOËL%'", [1002]),
        ("upper( @firstName ) = Upper('ana')", [1000]),
        ("Year(@birthDate) = 1980", [1000]),
        ("Year(@birthDate) < 1900", [1002, 1003]),
        ("@birthDate = #1980/05/04#", [1000]),
        ("@birthDate >= #1985-01-01#", [1001]),
        ("@created < #2026-01-01#", [1000]),
        ("@created >= #2026-01-01 10:00:00#", [1001]),
        ("@lastModified > '2026-01-01T10:59:59Z'", [1001]),
        ("@created < GetDate()", [1000, 1001]),
        ("@created > GetDate()", []),
        ("@lastName = 'Noël & <fils> \"O\\'Neil\"'", [1002]),
    ],
)
async def test_a_condition_finds(caller, expression, found):
    assert await caller.ids(expression) == found


async def test_escapes_in_texts_stand_for_what_is_behind_the_backslash(caller, campaign):
    with campaign.database:
        campaign.database.execute(r"UPDATE recipient SET firstName = 'back\slash''quote' WHERE id = 1000")
    assert await caller.ids(r"@firstName = 'back\\slash\'quote'") == [1000]


async def test_an_id_of_38_digits_is_a_text_be_it_quoted_or_not(caller, campaign):
    visitor_id = "10000000000000000000000000000000000001"
    with campaign.database:
        campaign.database.execute("UPDATE tracking_log SET source_id = ? WHERE id = 1", (visitor_id,))
    assert await caller.ids(f"@sourceId = '{visitor_id}'", "nms:trackingLogRcp") == [1]
    assert await caller.ids(f"@sourceId IN ({visitor_id})", "nms:trackingLogRcp") == [1]


async def test_leading_zeros_count(caller):
    assert await caller.ids("@sourceId = '1'", "nms:trackingLogRcp") == []
    assert await caller.ids("@sourceId = '01'", "nms:trackingLogRcp") == [1]


async def test_lists_of_thousands_of_values_are_looked_through(caller):
    among = ", ".join(str(number) for number in range(1001, 3001))
    assert await caller.ids(f"@id IN ({among})") == [1001, 1002, 1003]
    assert await caller.ids(f"@id NOT IN ({among})") == [1000]


@pytest.mark.parametrize(
    "expression",
    [
        "@email = 'unclosed",
        "@email = ",
        "= 3",
        "@email LIKE @firstName",
        "@id IN ()",
        "@id IN (1,)",
        "@id IN (@id)",
        "@id NOT 3",
        "(@id = 1",
        "@id = 1)",
        "@id = 1 @id = 2",
        "@id IS 3",
        "[@id = 1",
        "@created > #yesterday#",
        "@id = 1; DROP TABLE recipient",
        "id = 1",
        "Nonsense(@id) = 1",
        "Year() = 1",
        "@loyalty = 1",
        "[folder/@loyalty] = 1",
        "[nowhere/@id] = 1",
        "(" * 5000 + "@id" + ")" * 5000,
        "",
    ],
)
async def test_what_breaks_the_grammar_is_a_fault_with_its_cause(caller, expression):
    expression = expression.replace("'", "&apos;") or "()"
    answer = await caller.query(
        f"<queryDef schema='nms:recipient' operation='select'><select><node expr='@id'/></select>"
        f"<where><condition expr='{expression}'/></where></queryDef>"
    )
    assert answer.status == 200
    assert answer.fault.startswith("SOP-330011 Error while executing the method 'ExecuteQuery' of service")
    assert "XTK-1700" in answer.fault


@given(text=st.text())
def test_every_text_can_be_written_as_a_literal(text):
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    assert parse(f"'{escaped}'") == Literal(text)


@given(expression=st.text(alphabet="@[]()'#\\ ,=<>!-.01aion/") | st.text())
def test_whatever_the_text_it_is_parsed_or_refused(expression):
    with suppress(MethodError):
        parse(expression)


def test_long_chains_are_no_deep_nesting():
    parse(" OR ".join(f"(@id = {number})" for number in range(500)))


def test_deep_nesting_of_functions_is_refused():
    with pytest.raises(MethodError, match="XTK-170006"):
        parse("Lower(" * 2000 + "@email" + ")" * 2000)
