from __future__ import annotations

from datetime import timedelta

import pytest
from audience_gateway.sdk import ConfigError, DataSource, Permanent
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES, InboundLine, RealiseTrait
from audience_gateway.sdk.audience_manager.inbound_names import InboundName


async def test_members_are_given_the_trait_in_one_file(people):
    result = await people.write("a", "b")
    assert (result.accepted, result.refused) == (2, ())
    ((name, content),) = people.written().items()
    assert content == "a\td_sid=1024\nb\td_sid=1024\n"
    parsed = InboundName.parse(name)
    assert parsed is not None
    assert (parsed.data_source_id, parsed.mode, parsed.gzip) == (38888, "sync", True)
    assert parsed.timestamp == int(people.desk.time.timestamp())


async def test_members_lose_the_trait(people):
    await people.remove("a")
    assert list(people.written().values()) == ["a\td_unsid=1024\n"]


async def test_what_is_written_obeys_the_grammar_of_lines(people):
    await people.write("crm-42")
    (content,) = people.written().values()
    assert InboundLine.parse(content.removesuffix("\n")) == InboundLine("crm-42", (RealiseTrait(1024),))


async def test_a_repeat_leaves_one_file(people):
    first = await people.write("a", "b")
    before = people.written()
    people.desk.time += timedelta(hours=1)
    assert await people.write("a", "b") == first
    assert people.written() == before


async def test_a_repeat_knows_a_file_that_was_taken_up(people):
    await people.write("a")
    (name,) = people.written()
    (people.exports / name).rename(people.exports / f"{name}.processed")
    await people.write("a")
    assert list(people.written()) == [f"{name}.processed"]


async def test_other_requests_have_other_files_even_of_the_same_members_in_the_same_second(people):
    await people.write("a", key="1/add-00000")
    await people.remove("a", key="2/remove-00000")
    await people.write("a", key="3/add-00000")
    assert list(people.written().values()) == ["a\td_sid=1024\n", "a\td_unsid=1024\n", "a\td_sid=1024\n"]


async def test_files_of_the_same_number_and_other_content_are_kept_apart(people):
    await people.write("a")
    await people.write("b")
    assert list(people.written().values()) == ["a\td_sid=1024\n", "b\td_sid=1024\n"]


@pytest.mark.parametrize(
    ("id_", "code"),
    [
        ("", "ID_EMPTY"),
        ("crm:42", "ID_WITH_COLON"),
        ("crm%3A42", "ID_WITH_COLON"),
        ("crm%3a42", "ID_WITH_COLON"),
        ("crm\t42", "ID_WITH_CONTROL"),
        ("crm\n42", "ID_WITH_CONTROL"),
        ("crm\r42", "ID_WITH_CONTROL"),
        ("a" * (MAX_LINE_BYTES - len("\td_sid=1024") + 1), "LINE_TOO_LONG"),
    ],
)
async def test_an_id_that_a_file_cannot_hold_is_refused_and_the_others_are_written(people, id_, code):
    result = await people.write("a", id_, "b")
    assert result.accepted == 2
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [(1, code)]
    assert not id_ or id_ not in result.refused[0].detail
    assert list(people.written().values()) == ["a\td_sid=1024\nb\td_sid=1024\n"]


async def test_an_empty_file_is_never_written(people):
    assert (await people.write("")).accepted == 0
    assert (await people.write()).accepted == 0
    assert not people.exports.exists() or not people.written()


async def test_files_go_to_the_configured_folder(people):
    connector = people.connector(export_prefix="partner/campaign/")
    await connector.write_members(people._change(["a"], "1", "gold"))
    await connector.write_members(people._change(["a"], "1", "gold"))
    (name,) = people.written()
    assert name.startswith("partner/campaign/ftp_dpm_38888_")


@pytest.mark.parametrize("data_source_id", [0, 20914])
async def test_a_data_source_that_cannot_be_written_is_an_error_with_its_path(people, data_source_id):
    people.source = DataSource(name="crm", id_type="declared_id", aam_data_source_id=data_source_id)
    with pytest.raises(ConfigError) as caught:
        await people.write("a")
    assert caught.value.place == "data_sources.crm.aam_data_source_id"


async def test_an_unknown_audience_and_one_without_trait_are_errors(people):
    with pytest.raises(Permanent, match="no such audience"):
        await people.write("a", audience="silver")
    with pytest.raises(ConfigError) as caught:
        await people.write("a", audience="read-only")
    assert caught.value.place == "connections.people.settings.audiences.read-only.trait_id"
