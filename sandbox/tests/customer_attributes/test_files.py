"""What is in a data file, and what its report says."""

import gzip
import io
import zipfile

import pytest
from audience_gateway_sandbox.customer_attributes import AttributeSource, SourceError
from audience_gateway_sandbox.customer_attributes.data_files import DataFileError, read_data_file


def archive(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, b"id,tier\n1,gold\n")
    return content.getvalue()


def rows(content, name="crm.csv"):
    return [tuple(row) for row in read_data_file(name, content).rows]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'"id","note"\n"42","say \\"hi\\""\n', [("42", 'say "hi"')]),
        (b'id,note\n1,"a,b"\n2,\n', [("1", "a,b"), ("2", "")]),
        (b'id,note\r\n1,"two\nlines"\r\n\r\n', [("1", "two\nlines")]),
        (b'id,note\n1,"back\\\\slash"', [("1", "back\\slash")]),
        (b"id,note\n", []),
    ],
)
def test_a_file_is_read_as_documented(content, expected):
    assert rows(content) == expected


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", "no header"),
        (b"id,id\n", "empty name, or one twice"),
        (b'id,note\n42,"say ""hi"""\n', "Row 1 has a quote or a backslash that is not escaped"),
        (b'id,note\n1,a"b\n', "Row 1 has a quote"),
        (b'id,note\n1,"a\n', "Row 1 has a quote that is never closed"),
        (b"id,note\n1,a\n2\n", "Row 2 has 1 fields, and the header 2"),
        (b"id,note\n,a\n", "Row 1 has no customer ID"),
        (b"id,note\n1,\xff\n", "Row 1 is not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_row(content, finding):
    with pytest.raises(DataFileError, match=finding):
        rows(content)


def test_files_may_be_compressed_one_to_an_archive():
    assert rows(gzip.compress(b"id,tier\n1,gold\n"), "crm.csv.gz") == [("1", "gold")]
    assert rows(archive("crm.csv"), "crm.csv.zip") == [("1", "gold")]
    with pytest.raises(DataFileError, match="exactly one file"):
        rows(archive("crm.csv", "more.csv"), "crm.csv.zip")
    with pytest.raises(DataFileError, match="cannot be decompressed"):
        rows(b"id,tier\n", "crm.csv.gz")


def test_a_report_counts_new_customers_and_updated_ones(office):
    office.process("crm_1.csv", b"id,tier\n1,gold\n2,\n")
    report = office.process("crm_2.csv", b"id,tier\n2,silver\n3," + b"x" * 256 + b"\n2,bronze\n")
    assert {name: report[name] for name in ("records", "new", "updated", "all", "cut_in_analytics")} == {
        "records": 3,
        "new": 1,
        "updated": 1,
        "all": 3,
        "cut_in_analytics": 1,
    }
    assert office.service.look_up("crm", "2")["attributes"] == {"tier": "bronze"}


def test_a_small_file_is_only_told_of(office):
    assert "smaller than the 10 MB" in office.process("crm_1.csv", b"id,tier\n1,gold\n")["message"]


def test_the_first_upload_fixes_the_columns(office):
    office.process("crm_1.csv", b"id,tier\n1,gold\n")
    report = office.process("crm_2.csv", b"id,tier,city\n1,gold,Rome\n")
    assert (report["state"], report["message"]) == ("failed", "Its columns are not those of the first upload.")
    assert office.service.look_up("crm", "1")["attributes"] == {"tier": "gold"}


def test_columns_are_fixed_anew_once_there_are_no_subscriptions_and_that_deletes_attributes(office):
    office.process("crm_1.csv", b"id,tier\n1,gold\n")
    office.service.subscribe("crm", {"analytics_prime": ["tier"]})
    with pytest.raises(SourceError, match="has subscriptions"):
        office.service.forget_schema("crm")
    office.service.subscribe("crm", {})
    office.service.forget_schema("crm")
    assert office.service.tell("crm")["unique_customer_ids"] == 0
    assert office.process("crm_2.csv", b"id,city\n1,Rome\n")["state"] == "processed"


def test_values_have_the_types_of_their_source(office):
    office.service.create(AttributeSource("typed", types={"visits": "integer", "spent": "number"}))
    source = AttributeSource("typed", types={"visits": "integer", "spent": "number"})
    source.check(read_data_file("a.csv", b"id,visits,spent\n1,-3,2.50\n2,,\n"))
    for line, finding in ((b"1,2.0,1", "Row 1: `visits` is no integer"), (b"1,2,1.234", "Row 1: `spent` is no number")):
        with pytest.raises(SourceError, match=finding):
            source.check(read_data_file("a.csv", b"id,visits,spent\n" + line))


def test_more_columns_than_there_may_be_are_refused(office):
    header = ",".join(f"c{number}" for number in range(202)).encode()
    assert "202 columns" in office.process("crm_1.csv", header)["message"]


def test_ids_with_many_devices_are_flagged(office):
    office.process("crm_1.csv", b"id,tier\n1,gold\n2,gold\n3,gold\n4,gold\n")
    office.service.alias("crm", {"1": 1, "2": 500, "3": 10_000})
    told = office.service.tell("crm")
    assert (told["unique_customer_ids"], told["ids_aliased"]) == (4, 3)
    assert (told["high_alias_ids"], told["invalidated_ids"]) == (2, 1)
    assert office.service.look_up("crm", "2")["high_alias"]
    assert office.process("crm_2.csv", b"id,tier\n1,gold\n")["sync_percent"] == 75.0


@pytest.mark.parametrize(
    "subscriptions", [{"campaign": ["tier"]}, {"analytics_foundation": ["tier"]}, {"target_premium": ["other"]}]
)
def test_a_subscription_gets_what_it_is_entitled_to(office, subscriptions):
    office.process("crm_1.csv", b"id,tier\n1,gold\n")
    with pytest.raises(SourceError):
        office.service.subscribe("crm", subscriptions)


def test_an_alias_id_is_never_used_again(office):
    office.service.delete("crm")
    with pytest.raises(SourceError, match="never be used again"):
        office.service.create(AttributeSource("crm"))
    assert office.service.sources() == []
