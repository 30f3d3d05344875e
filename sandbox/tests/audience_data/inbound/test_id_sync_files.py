"""What becomes of ID synchronization files."""

import pytest

PEOPLE, HASHES = 200, 300
GAID = "e4fe9bde-caa0-47b6-908d-ffba3fa184f2"


def visitor(number):
    return f"{number:038d}"


def links_of(office, person, source=PEOPLE):
    with office.data.database.transaction() as db:
        rows = db.execute(
            "SELECT device.ecid FROM link JOIN profile AS other ON other.id = link.other"
            " JOIN profile AS device ON device.id = link.device WHERE other.value = ? AND other.source = ?"
            " ORDER BY device.ecid",
            (person, source),
        )
        return [ecid for (ecid,) in rows]


def test_ids_of_a_line_are_linked_and_each_line_is_accounted_for(office):
    office.know_visitors(1, 2)
    office.put(
        "adobe_id_100_200_1772431200.sync",
        f"{visitor(1)}\tcrm-1",
        f"{visitor(2)}\tcrm-1",
        f"{visitor(3)}\tcrm-3",
        "123\tcrm-4",
        f"{visitor(1)}\tcrm:5",
        f"{visitor(1)}\tcrm-6\t",
    )
    told = office.take()
    assert links_of(office, "crm-1") == [visitor(1), visitor(2)]
    classes = ("storedRecords", "noMatchingAamId", "invalidAamId", "formatErrors")
    assert [told[name] for name in classes] == [2, 1, 1, 2]


def test_data_source_0_is_audience_managers_own_id(office):
    office.know_visitors(1)
    with office.data.database.transaction() as db:
        uuid = office.data.identities.device(db, ecid=visitor(1)).uuid
    office.put("adobe_id_0_200_1772431200.sync", f"{uuid}\tcrm-1")
    office.take()
    assert links_of(office, "crm-1") == [visitor(1)]


def test_three_columns_link_the_first_one_with_both_others(office):
    office.know_visitors(1)
    office.put("adobe_id_100_200_20914_1772431200.sync", f"{visitor(1)}\tcrm-1\t{GAID}")
    assert office.take()["storedRecords"] == 1
    assert links_of(office, "crm-1") == links_of(office, GAID, 20914) == [visitor(1)]


def test_a_malformed_advertising_id_is_an_invalid_device_id(office):
    office.know_visitors(1)
    office.put("adobe_id_100_20914_1772431200.sync", f"{visitor(1)}\t{GAID.upper()}")
    assert office.take()["invalidDeviceId"] == 1


def test_the_newest_ten_hashes_of_a_customer_are_kept(office):
    office.put("c2c_id_200_300_1772431200.sync", *(f"crm-1\th{number:02}" for number in range(12)))
    office.take()
    with office.data.database.transaction() as db:
        rows = db.execute(
            "SELECT profile.value FROM link JOIN profile ON profile.id = link.other WHERE link.source = ?"
            " ORDER BY profile.value",
            (HASHES,),
        )
        assert [value for (value,) in rows] == [f"h{number:02}" for number in range(2, 12)]


def test_a_row_may_have_ten_hashes(office):
    office.put("c2c_id_200_300_1772431200.sync", "crm-1\t" + "\t".join(f"h{number}" for number in range(10)))
    assert office.take()["storedRecords"] == 1


@pytest.mark.parametrize(("limit", "kept"), [("customers_of_device", "crm-1"), ("devices_of_customer", "crm-1")])
def test_links_over_a_limit_go_first_in_first_out(opened, limit, kept):
    office = opened(**{limit: 1})
    office.know_visitors(1, 2)
    if limit == "customers_of_device":
        office.put("adobe_id_100_200_1772431200.sync", f"{visitor(1)}\tcrm-0", f"{visitor(1)}\tcrm-1")
    else:
        office.put("adobe_id_100_200_1772431200.sync", f"{visitor(2)}\tcrm-1", f"{visitor(1)}\tcrm-1")
    office.take()
    assert links_of(office, kept) == [visitor(1)]
    assert links_of(office, "crm-0") == []
