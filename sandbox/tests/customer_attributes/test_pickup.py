"""When a data file is taken, and where it goes."""

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.customer_attributes import CustomerAttributes

GOOD = b"id,tier\n1,gold\n"


def test_a_file_is_taken_within_a_minute_of_its_fin_and_both_are_moved(office):
    office.upload("crm_1.csv", GOOD)
    office.wait(minutes=1)
    assert office.files() == ["processed/crm_1.csv", "processed/crm_1.fin"]


def test_a_file_without_fin_is_never_taken(office):
    office.upload("crm_1.csv", GOOD, fin=False)
    office.wait(days=3)
    assert (office.files(), office.reports()) == (["crm_1.csv"], [])


def test_a_fin_without_a_file_waits_for_it(office):
    (office.account / "crm_1.fin").touch()
    office.wait(minutes=5)
    office.upload("crm_1.csv", GOOD)
    office.wait(minutes=1)
    assert office.files() == ["processed/crm_1.csv", "processed/crm_1.fin"]


@pytest.mark.parametrize("name", ["crm 1.csv", "crm.c sv", "crm.tsv", ".crm.csv", "crm.csv.part", "crm.csv.bz2"])
def test_what_is_no_data_file_is_left_alone(office, name):
    (office.account / name).write_bytes(GOOD)
    for base in ("crm", "crm 1", ".crm"):
        (office.account / f"{base}.fin").touch()
    office.wait(minutes=5)
    assert (office.account / name).exists()


def test_a_file_that_fails_goes_elsewhere(office):
    office.upload("crm_1.csv", b"id,tier\n1\n")
    office.wait(minutes=1)
    assert office.files() == ["failed/crm_1.csv", "failed/crm_1.fin"]


def test_a_file_within_half_an_hour_of_the_last_one_waits_in_a_queue(office):
    office.process("crm_1.csv", GOOD)
    office.wait(minutes=20)
    office.upload("crm_2.csv", GOOD)
    office.wait(minutes=30)
    assert [report["state"] for report in office.reports()] == ["processed", "waiting"]
    office.wait(minutes=31)
    assert [(report["state"], report["low_priority"]) for report in office.reports()] == [
        ("processed", False),
        ("processed", True),
    ]


def test_a_jump_does_what_becomes_due_at_its_time(office):
    office.process("crm_1.csv", GOOD)
    office.upload("crm_2.csv", GOOD)
    office.wait(days=1)
    first, second = (report["at"] for report in office.reports())
    assert (first[11:16], second[11:16]) == ("13:01", "14:02")


def test_what_waits_outlives_a_restart(office, tmp_path):
    office.process("crm_1.csv", GOOD)
    office.upload("crm_2.csv", GOOD)
    office.wait(minutes=1)
    office.service.close()
    again = CustomerAttributes(tmp_path, office.now, Assumptions())
    office.service = again
    office.wait(hours=2)
    assert [report["state"] for report in office.reports()] == ["processed", "processed"]
