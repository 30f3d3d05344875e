"""What is written to an attribute source's account."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from audience_gateway.sdk import Capability, ConfigError, DataSource, Permanent, Transient, WritePromise, capabilities
from audience_gateway_people.attributes import CustomerAttributesConnector, uploading

BASE = "crm_transfer_add-00000_6330464af740c63c"
ADA, BOB = ("42", "gold", "7", "19.99"), ("43", None, None, "-3")
PLAIN = b"id,tier,visits,spent\n42,gold,7,19.99\n43,,,-3\n"


def test_it_takes_attributes_and_cannot_take_anybody_away():
    assert capabilities(CustomerAttributesConnector) == {
        Capability.AUDIENCE_CATALOGUE,
        Capability.WRITE_MEMBERS,
        Capability.WRITE_ATTRIBUTES,
        Capability.POLL_ARRIVALS,
    }


async def test_a_data_file_and_an_empty_file_of_its_name_are_uploaded(source):
    result = await source.write(ADA, BOB)
    assert (result.accepted, result.refused) == (2, ())
    assert source.files() == {f"{BASE}.csv": PLAIN, f"{BASE}.fin": b""}


async def test_the_empty_file_comes_last(source, monkeypatch):
    written = []
    bucket = source.desk.bucket(source.account.as_uri())
    write = bucket.write

    async def noted(key, chunks):
        written.append(key)
        return await write(key, chunks)

    monkeypatch.setattr(bucket, "write", noted)
    monkeypatch.setattr(source.desk, "bucket", lambda url, credentials="": bucket)
    await source.write(ADA)
    assert written == [f"{BASE}.csv", f"{BASE}.fin"]


@pytest.mark.parametrize(
    ("compression", "suffix", "unpack"),
    [
        ("gzip", ".csv.gz", gzip.decompress),
        ("zip", ".csv.zip", lambda data: zipfile.ZipFile(io.BytesIO(data)).read(f"{BASE}.csv")),
    ],
)
async def test_a_compressed_file_has_the_fin_of_its_csv(source, compression, suffix, unpack):
    await source.write(ADA, BOB, compression=compression)
    files = source.files()
    assert sorted(files) == [f"{BASE}{suffix}", f"{BASE}.fin"]
    assert unpack(files[f"{BASE}{suffix}"]) == PLAIN


async def test_an_archive_has_exactly_one_file(source):
    await source.write(ADA, compression="zip")
    assert zipfile.ZipFile(io.BytesIO(source.files()[f"{BASE}.csv.zip"])).namelist() == [f"{BASE}.csv"]


@pytest.mark.parametrize("folder", ["processed", "failed"])
async def test_a_repeat_of_what_was_taken_changes_nothing(source, folder):
    await source.write(ADA)
    source.move(f"{BASE}.csv", folder)
    before = source.files()
    assert (await source.write(ADA)).accepted == 1
    assert source.files() == before


async def test_a_repeat_after_the_data_file_makes_it_complete(source):
    await source.write(ADA)
    (source.account / f"{BASE}.fin").unlink()
    await source.write(ADA)
    assert f"{BASE}.fin" in source.files()


async def test_nothing_overtakes_a_file_of_an_earlier_transfer_that_waits(source):
    await source.write(ADA, key="earlier/add-00000")
    with pytest.raises(Transient, match="has not been processed yet") as caught:
        await source.write(BOB, key="later/add-00000")
    assert not caught.value.sent
    assert (await source.write(BOB, key="earlier/add-00001")).accepted == 1
    assert (await source.write(ADA, key="earlier/add-00000")).accepted == 1
    assert (await source.write(BOB, key="later/add-00000", wait_for_earlier=False)).accepted == 1
    assert (await source.write(BOB, key="later/add-00000")).accepted == 1


async def test_members_that_do_not_fit_are_refused_and_the_others_uploaded(source):
    result = await source.write(
        ADA,
        ("", "gold", "1", "1"),
        ("a\nb", "gold", "1", "1"),
        ("ada@example.org", "gold", "1", "1"),
        ("44", "gold", "1.5", "1"),
        ("45", "gold", "1", "1.234"),
        ("46", "x" * 256, "1", "1"),
    )
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [
        (1, "ID_EMPTY"),
        (2, "ID_WITH_CONTROL"),
        (3, "ID_IS_EMAIL"),
        (4, "NOT_AN_INTEGER"),
        (5, "NOT_A_NUMBER"),
        (6, "VALUE_TOO_LONG"),
    ]
    assert result.accepted == 1
    assert source.files()[f"{BASE}.csv"] == b"id,tier,visits,spent\n42,gold,7,19.99\n"


async def test_no_text_of_a_refusal_holds_what_was_refused(source):
    result = await source.write(("ada@example.org", "gold", "1", "1"), ("44", "gold", "secret", "1"))
    assert not any("ada" in refusal.detail or "secret" in refusal.detail for refusal in result.refused)


async def test_where_all_are_refused_nothing_is_uploaded(source):
    assert (await source.write(("", None, None, None))).accepted == 0
    assert source.files() == {}


async def test_long_values_and_emails_can_be_sent_where_that_is_wanted(source):
    result = await source.write(("ada@example.org", "x" * 256, "1", "1"), long_values="send", refuse_emails=False)
    assert result.refused == ()


async def test_a_file_larger_than_adobe_takes_it_is_refused_whole(source, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_FILE_BYTES", 20)
    with pytest.raises(Permanent, match="members_a_file"):
        await source.write(ADA)
    assert source.files() == {}


def test_a_repeat_finds_its_file_by_name(source):
    connector = source.connector(members_a_file=7)
    assert (connector.write_promise(), connector.members_a_write()) == (WritePromise.IDEMPOTENT_BY_FILE_NAME, 7)


async def test_the_audience_is_the_source(source):
    source.put("processed/crm_1.csv", b"id,tier,visits,spent\n")
    [audience] = [found async for found in source.connector(title="CRM").list_audiences()]
    assert (audience.id, audience.title, audience.readable, audience.writable) == ("crm", "CRM", False, True)
    assert audience.updated is not None
    assert await source.connector().get_audience("other") is None


async def test_columns_that_the_first_upload_did_not_have_are_refused_before_anything_is_sent(source):
    source.put("processed/crm_1.csv.gz", gzip.compress(b"id,tier\n1,gold\n"))
    with pytest.raises(ConfigError, match="processed with 2 columns") as caught:
        await source.connector().check_destination("crm", source.customers)
    assert caught.value.place == "connections.crm-attributes.settings.attributes"
    source.put("processed/crm_2.csv", b"id,tier,visits,spent\n1,gold,1,1\n")
    await source.connector().check_destination("crm", source.customers)


async def test_visitor_ids_have_no_attributes(source):
    with pytest.raises(ConfigError, match="Visitor IDs"):
        await source.connector().check_destination("crm", DataSource(name="mid", id_type="visitor_id"))
