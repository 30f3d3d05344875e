"""Every row of an exported file ends as a member or with the reason why not (rtcdp 6.5)."""

from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.sdk import ConfigError, Permanent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("crmId", "{}"),
        ("person_name_firstName,crmId", "Ada,{}"),
        ("CRMID,personalEmail_address", "{},ada@example.org"),
        ("firstName\tcrmId", "Ada\t{}"),
        ("firstName;crmId", "Ada;{}"),
        ("firstName|crmId", "Ada|{}"),
        ("firstName:crmId", "Ada:{}"),
        ('"first, name",crmId', '"Ada, Countess",{}'),
    ],
)
async def test_the_column_of_the_id_is_found_by_its_name_whatever_stands_between_columns(drops, header, row):
    drops.drop(drops.name(), header, row.format(1), row.format(2))
    assert await drops.rows() == ["1", "2"]


@pytest.mark.parametrize("header", ["_acme_loyalty_id", "_acme.loyalty.id"])
async def test_dots_of_a_mapped_field_may_be_underscores_in_the_header(drops, header):
    drops.settings["id_columns"] = {"crm": "_acme.loyalty.id"}
    drops.drop(drops.name(), f"{header},x", "1,")
    assert await drops.rows() == ["1"]


async def test_the_text_null_is_no_id(drops):
    drops.drop(drops.name(), "crmId,x", "null,null", ",", '"",', "Null,x", "1,null")
    assert await drops.rows() == [None, None, None, "Null", "1"]


async def test_other_texts_may_stand_for_no_value(drops):
    drops.settings["null_texts"] = ["n/a"]
    drops.drop(drops.name(), "crmId,x", "n/a,1", "null,1")
    assert await drops.rows() == [None, "null"]


async def test_a_row_that_cannot_be_read_is_a_row_with_a_reason(drops):
    rows = b"crmId,x\n1,a\n2\n3,a,b\n\xff,a\n" + b"4" * 200 + b",a\n5,a\n"
    drops.settings["max_row_bytes"] = 100
    drops.drop(drops.name(), content=rows)
    assert await drops.rows() == ["1", *["<malformed_row>"] * 2, "<invalid_encoding>", "<row_too_large>", "5"]


@pytest.mark.parametrize(
    ("status", "row"),
    [
        ("realized", "1"),
        ("existing", "1"),  # deprecated, read as realized (rtcdp 3)
        (" Realized ", "1"),
        ("active", "1"),
        ("null", "<malformed_row>"),
        ("", "<malformed_row>"),
        ("joined", "<malformed_row>"),
    ],
)
async def test_the_status_says_whether_a_row_is_that_of_a_member(drops, status, row):
    drops.drop(drops.name(), "crmId,segmentMembership_status", f"1,{status}")
    assert await drops.rows() == [row]


@pytest.mark.parametrize(
    "header",
    ["segmentMembership_status", "segmentMembership.ups.12341e18.status", "segmentMembershipStatus", "status_of_ours"],
)
async def test_the_column_of_the_status_has_several_names(drops, header):
    drops.settings["status_columns"] = (*drops.folder.settings.status_columns, "status_of_ours")
    drops.drop(drops.name(), f"crmId,{header}", "1,joined")
    assert await drops.rows() == ["<malformed_row>"]


async def test_two_columns_of_statuses_are_refused(drops):
    drops.drop(drops.name(), "crmId,segmentMembership_status,segmentMembershipStatus", "1,realized,exited")
    with pytest.raises(ConfigError, match="more than one column for `segmentMembership_status`"):
        await drops.rows()


async def test_without_the_column_of_the_id_the_header_is_told(drops):
    path = drops.drop(drops.name(), "Email,firstName", "ada@example.org,Ada")
    with pytest.raises(ConfigError, match="no column `crmId`, found: `Email`, `firstName`") as caught:
        await drops.check()
    assert caught.value.place == f"{path.as_uri()}:1"


async def test_golden_c12_field_absent_from_csv_is_told_with_its_reason(drops):
    drops.drop(drops.name(), "segmentMembership_status", "realized")
    with pytest.raises(ConfigError) as caught:
        await drops.check()
    assert "label C12 is never exported" in caught.value.remedy


async def test_a_data_source_without_a_column_is_told_before_anything_is_read(drops):
    drops.settings["id_columns"] = {"visitor": "ECID"}
    drops.drop(drops.name(), "ECID", "1")
    with pytest.raises(ConfigError, match=r"settings\.files\.id_columns\.crm"):
        await drops.check()


async def test_what_looks_like_a_row_in_place_of_the_header_is_not_shown(drops):
    drops.drop(drops.name(), "ada@example.org,49301234567")
    with pytest.raises(ConfigError) as caught:
        await drops.rows()
    assert "ada" not in str(caught.value)
    assert "49301234567" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
async def test_text_may_be_compressed_and_in_one_of_two_encodings(drops, suffix, encoding):
    drops.settings["encoding"] = encoding.removesuffix("-sig")
    drops.drop(drops.name(suffix=suffix), content="crmId,city\nß,Łódź\n字,東京\n".encode(encoding))
    assert await drops.rows() == ["ß", "字"]


async def test_utf_16_without_a_byte_order_mark_is_told(drops):
    drops.settings["encoding"] = "utf-16"
    drops.drop(drops.name(), content="crmId\n1\n".encode("utf-16-be"))
    with pytest.raises(Permanent, match="does not begin with a byte order mark"):
        await drops.check()


async def test_text_that_is_no_utf_16_costs_its_row(drops):
    drops.settings["encoding"] = "utf-16"
    drops.drop(drops.name(), content="crmId\n1\n".encode("utf-16") + b"\x00\xd8" + "\n2\n".encode("utf-16-le") + b"3")
    assert await drops.rows() == ["1", "<invalid_encoding>", "2", "<invalid_encoding>"]


async def test_parquet_is_read_too(drops):
    sink = io.BytesIO()
    table = pa.table({"x": ["a", "b"], "crmId": ["1", None], "segmentMembership_status": ["realized", "existing"]})
    pq.write_table(table, sink)
    drops.drop(drops.name(suffix="parquet"), content=sink.getvalue())
    assert await drops.rows() == ["1", None]


async def test_a_file_that_was_cut_is_named_by_its_line(drops):
    lines = "".join(f"{number**7:040}\n" for number in range(100_000))
    cut = gzip.compress(f"crmId\n{lines}".encode())[:-1000]
    drops.drop(drops.name(suffix="csv.gz"), content=cut)
    with pytest.raises(Permanent, match=r"csv\.gz:\d+: the file is no gzip, is damaged or ends too early"):
        await drops.rows()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6),
    delimiter=st.sampled_from(",:|;\t"),
    escape=st.sampled_from(["\\", "'"]),
    quote_all=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
async def test_ids_come_back_as_any_of_the_options_of_csv_wrote_them(
    drops, *, rows, delimiter, escape, quote_all, encoding
):
    def cell(value):
        """Quotes cells that need it, as the platform does."""
        if not quote_all and not any(character in value for character in (delimiter, '"', escape, "\r", "\n")):
            return value
        return '"' + value.replace(escape, escape * 2).replace('"', escape + '"') + '"'

    content = "".join(f"{delimiter.join(map(cell, row))}\n" for row in [("firstName", "crmId"), *rows])
    drops.settings |= {"delimiter": delimiter, "escape": escape, "encoding": encoding, "null_texts": []}
    drops.drop(drops.name(), content=content.encode(encoding))
    assert await drops.rows() == [id_ for _, id_ in rows]
