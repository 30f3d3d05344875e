"""What destinations are told each day, and how the files come."""

import hashlib
import json
from datetime import timedelta

import pytest
from audience_gateway_sandbox.audience_manager.objects import DeviceOption
from audience_gateway_sandbox.audience_manager.profiles.privacy import opt_out
from audience_gateway_sandbox.audience_manager.store import milliseconds
from audience_gateway_sandbox.people import DropFaults

VISITORS, GLOBAL, PEOPLE, UUIDS = 100, 20914, 200, 500
GOLD, SILVER, FOREIGN = 24, 25, 27
AT_14 = "1772460000000"
FULL = f"s3_9_100_full_{AT_14}.sync.gz"
ITER = "s3_9_100_iter_%s.sync.gz"


def visitor(number):
    return f"{number:038d}"


def onboard(office, *lines, source=VISITORS, number=[0]):  # noqa: B006 - the number of the next file
    number[0] += 1
    office.put(f"ftp_dpm_{source}_{1772431200 + number[0]}.sync", *lines)
    office.take()
    office.data.jobs.inbound.make_usable(office.now)


@pytest.fixture
def told(office):
    """Visitors 1 and 2 are in segment 7, visitor 2 in segment 8 too."""
    office.segment(7, f"{GOLD}T")
    office.segment(8, f"{SILVER}T")
    office.know_visitors(1, 2, 3)
    onboard(office, f"{visitor(1)}\td_sid=24", f"{visitor(2)}\td_sid=24,d_sid=25")
    return office


def test_a_full_transfer_at_14_hours_tells_of_all_members_with_a_control_file(told):
    told.destination(VISITORS, [7, 8])
    assert told.wait(hours=7) == []
    assert told.wait(hours=1) == [FULL]
    assert told.sent() == {FULL: [f"{visitor(1)}\t7", f"{visitor(2)}\t7,8"]}
    control = json.loads(told.outbound.get(f"s3_9_100_full_{AT_14}.info"))
    content = told.outbound.get(FULL)
    assert control["Files"] == [
        {
            "FileByteSize": len(content),
            "FileLineCount": 2,
            "FileName": FULL,
            "FileSequenceNumber": 1,
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }
    ]


def test_an_iterative_transfer_tells_what_has_changed_since_the_last_one(told):
    told.destination(VISITORS, [7, 8], syncModes="iter")
    first, second = ITER % AT_14, ITER % (int(AT_14) + 86_400_000)
    told.wait(days=1)
    onboard(told, f"{visitor(2)}\td_unsid=25", f"{visitor(3)}\td_sid=24")
    told.wait(days=1)
    assert told.sent()[first] == [f"{visitor(1)}\t7", f"{visitor(2)}\t7,8"]
    assert told.sent()[second] == [f"{visitor(2)}\t 8", f"{visitor(3)}\t7"]


def test_those_who_opt_out_are_removed_and_told_of_no_more(told):
    told.destination(VISITORS, [7], syncModes="full,iter")
    told.wait(days=1)
    with told.data.database.transaction() as db:
        device = told.data.identities.device(db, ecid=visitor(1))
        opt_out(db, device.profile, milliseconds(told.now))
    told.wait(days=1)
    later = int(AT_14) + 86_400_000
    assert told.sent()[ITER % later] == [f"{visitor(1)}\t 7"]
    assert told.sent()[f"s3_9_100_full_{later}.sync.gz"] == [f"{visitor(2)}\t7"]


def test_nobody_to_tell_of_makes_no_file_but_a_row_of_the_history(told):
    told.destination(VISITORS, [7], syncModes="iter")
    told.wait(days=2)
    assert len(told.sent()) == 1
    rows = told.data.history.outbound_rows(9, told.now - timedelta(days=2), told.now)
    assert [(row.received_records, row.success_records, row.full_publish, row.success) for row in rows] == [
        (2, 2, False, True),
        (2, 0, False, True),
    ]
    assert [row.data_file_name for row in rows] == [ITER % AT_14, ""]


def test_a_declared_id_destination_without_last_authenticated_profiles_of_its_data_source_gets_nobody(office):
    office.segment(7, f"{FOREIGN}T")
    office.destination(PEOPLE, [7])
    office.link(1, "crm-1")
    with office.data.database.transaction() as db:
        device = office.data.identities.device(db, ecid=visitor(1)).profile
        db.execute("INSERT INTO qualification VALUES (?, 27, 200, 1, ?, 1)", (device, milliseconds(office.now)))
    office.wait(days=1)
    assert office.sent() == {}
    [row] = office.data.history.outbound_rows(9, office.now - timedelta(days=1), office.now)
    assert (row.received_records, row.success_records) == (1, 0)


@pytest.mark.parametrize(("sources", "lines"), [((PEOPLE,), ["crm-1\t7"]), ((300,), None)])
def test_a_declared_id_destination_tells_of_who_logged_in_last_if_the_rule_includes_its_data_source(
    office, sources, lines
):
    office.segment(7, f"{FOREIGN}T", 70)
    office.merge_rule(70, authenticated_source_ids=sources, device=DeviceOption.DEVICE)
    office.destination(PEOPLE, [7])
    office.link(1, "crm-1")
    onboard(office, "crm-1\td_sid=27", "crm-without-a-device\td_sid=27", source=PEOPLE)
    office.wait(days=1)
    assert office.sent() == ({} if lines is None else {f"s3_9_200_full_{AT_14}.sync.gz": lines})


def test_only_the_newest_customer_of_a_device_is_told_of(office):
    office.segment(7, f"{GOLD}T", 70)
    office.merge_rule(70, authenticated_source_ids=(PEOPLE,), device=DeviceOption.DEVICE)
    office.destination(PEOPLE, [7])
    office.link(1, "crm-1")
    office.link(1, "crm-2")
    onboard(office, f"{visitor(1)}\td_sid=24")
    office.wait(days=1)
    assert list(office.sent().values()) == [["crm-2\t7"]]


def test_the_advertising_id_that_says_there_is_none_is_never_told(office):
    office.segment(7, f"{FOREIGN}T")
    office.destination(GLOBAL, [7])
    ids = ("e4fe9bde-caa0-47b6-908d-ffba3fa184f2", "00000000-0000-0000-0000-000000000000")
    office.put("ftp_dpm_20914_200_1772431200.sync", *(f"{id_}\td_sid=27" for id_ in ids))
    office.take()
    office.data.jobs.inbound.make_usable(office.now)
    office.wait(days=1)
    assert list(office.sent().values()) == [[f"{ids[0]}\t7"]]


def test_a_destination_has_names_lines_parts_and_a_bucket_of_its_own(told):
    told.destination(
        UUIDS,
        [7],
        fileNameTemplate="<SYNC_TYPE>_<ORDER_ID>_<PIDALIAS>_<SYNC_MODE>_<TIMESTAMP><SPLITNUM>.csv",
        lineTemplate='<UUID> <MCID> <SEGMENT_LIST:{s|<s.type>,<s.alias>}; separator="&"> <TRAIT_LIST; separator="|">',
        parts=2,
        pidAlias="XYZ",
    )
    told.wait(days=1)
    with told.data.database.transaction() as db:
        uuids = [told.data.identities.device(db, ecid=visitor(number)).uuid for number in (1, 2)]
    traits = {uuids[0]: "24", uuids[1]: "24|25"}
    ecids = {uuids[0]: visitor(1), uuids[1]: visitor(2)}
    first, second = sorted(uuids)
    assert told.sent() == {
        f"s3_9_XYZ_full_{AT_14}.csv": [f"{first} {ecids[first]} 5,7 {traits[first]}"],
        f"s3_9_XYZ_full_{AT_14}001.csv": [f"{second} {ecids[second]} 5,7 {traits[second]}"],
    }


@pytest.mark.parametrize(
    "details", [{"lineTemplate": "<NOBODY>"}, {"bucket": "nowhere"}, {"syncModes": "delta"}, {"parts": 1000}]
)
def test_a_destination_whose_settings_make_no_sense_gets_a_failed_row_and_holds_nobody_up(told, details):
    told.destination(VISITORS, [7], number=8, **details)
    told.destination(VISITORS, [7])
    told.wait(days=1)
    assert list(told.sent()) == [FULL]
    [row] = told.data.history.outbound_rows(8, told.now - timedelta(days=1), told.now)
    assert not row.success


def test_late_missing_and_doubled_parts_and_wrong_counts_are_as_the_switches_say(told):
    told.destination(VISITORS, [7], parts=2)
    told.faults.become(DropFaults(late_part=1, late_seconds=3600, doubled_part=0, wrong_counts=True))
    second, third = f"s3_9_100_full_{AT_14}001.sync.gz", f"s3_9_100_full_{AT_14}002.sync.gz"
    assert told.wait(hours=8) == [FULL, third]
    assert told.sent()[third] == told.sent()[FULL]
    control = json.loads(told.outbound.get(f"s3_9_100_full_{AT_14}.info"))
    assert [(each["FileName"], each["FileLineCount"]) for each in control["Files"]] == [(FULL, 2), (second, 2)]
    assert told.wait(hours=1) == [second]
    told.faults.become(DropFaults(missing_part=0))
    assert told.wait(days=1) == [f"s3_9_100_full_{int(AT_14) + 86_400_000}001.sync.gz"]


def test_a_transfer_that_slips_makes_two_files_on_the_next_day(told):
    told.destination(VISITORS, [7])
    told.faults.become(DropFaults(slip_seconds=86_400))
    assert told.wait(hours=10) == []
    told.faults.become(DropFaults())
    assert told.wait(days=1) == [FULL, f"s3_9_100_full_{int(AT_14) + 86_400_000}.sync.gz"]


def test_files_are_kept_for_eight_days(told):
    told.destination(VISITORS, [7])
    told.wait(days=12)
    assert len(told.sent()) == 8


def test_after_a_long_sleep_only_the_last_eight_days_are_made_up_for(told):
    told.destination(VISITORS, [7])
    told.now += timedelta(days=30)
    told.data.jobs.leave_out_before(told.now)
    assert len(told.wait()) == 8


def test_a_mapping_counts_from_its_first_to_its_last_day(told):
    told.destination(VISITORS, [7])
    [mapping] = told.store.mappings.all()
    fields = {name: getattr(mapping, name) for name in mapping.__slots__}
    told.store.mappings.update(type(mapping)(**fields | {"end_date": told.now.date()}))
    told.wait(days=2)
    assert list(told.sent()) == [FULL]


def test_a_bucket_that_is_away_gets_its_files_an_hour_later(told, monkeypatch):
    told.destination(VISITORS, [7])

    def fail(*_):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(told.outbound, "put", fail)
        assert told.wait(hours=8) == []
    assert told.wait(hours=1) == [FULL]


def test_a_job_that_fails_holds_up_neither_the_clock_nor_the_next_day(told, monkeypatch, caplog):
    told.destination(VISITORS, [7])

    def fail(*_):
        raise RuntimeError("an id, perhaps")

    with monkeypatch.context() as patch:
        patch.setattr("audience_gateway_sandbox.audience_manager.outbound.publishing.mapped_segments", fail)
        assert told.wait(days=1) == []
    assert "The outbound job failed: RuntimeError." in caplog.text
    assert "an id" not in caplog.text
    assert len(told.wait(days=1)) == 1
