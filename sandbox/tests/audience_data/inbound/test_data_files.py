"""What becomes of data files and of each of their lines."""

import gzip
from datetime import timedelta

import pytest

VISITORS, GLOBAL, PEOPLE, OTHERS = 100, 20914, 200, 400
GOLD, SILVER, RULED, FOREIGN = 24, 25, 26, 27
NAME = "ftp_dpm_100_1772431200.sync"


def visitor(number):
    return f"{number:038d}"


def apply(office):
    told = office.take()
    office.data.jobs.inbound.make_usable(office.now)
    return told


def test_every_line_is_accounted_for_and_the_formula_of_the_documents_holds(office):
    office.know_visitors(1, 2, 3)
    office.put(
        NAME,
        f"{visitor(1)}\td_sid=24",
        f"{visitor(2)}\td_sid=24,d_sid=27,colour=red",
        f"{visitor(3)}\tcolour=red",
        f"{visitor(4)}\td_sid=24",
        "5976755918126206006027887090108709825X\td_sid=24",
        f"{visitor(1)} d_sid=24",
        "",
    )
    told = apply(office)
    stored = told["recordsProcessed"] - sum(
        told[name] for name in ("formatErrors", "invalidAamId", "invalidDeviceId", "noMatchingAamId", "noTraitRealized")
    )
    assert told["storedRecords"] == stored == 2
    expected = {
        "recordsReceived": 6,
        "formatErrors": 1,
        "invalidAamId": 1,
        "noMatchingAamId": 1,
        "noTraitRealized": 1,
        "totalDevices": 2,
        "totalSignals": 5,
        "totalUnusedSignals": 2,
        "totalRealizedTraits": 2,
        "totalTraitsFailedValidation": 1,
        "totalUsersWithTraitsFailedValidation": 1,
        "percentSuccess": 33.33,
    }
    assert {name: told[name] for name in expected} == expected


def test_traits_are_realized_by_id_by_signal_and_removed(office):
    office.know_visitors(1, 2, 3)
    office.put(NAME, f"{visitor(1)}\td_sid=24", f"{visitor(2)}\tTIER = Silver", f"{visitor(3)}\tsilver=1,ic=SILVER")
    apply(office)
    assert [office.traits_of(VISITORS, visitor(number)) for number in (1, 2, 3)] == [[GOLD], [SILVER], [SILVER]]
    office.put("ftp_dpm_100_1772431201.sync", f"{visitor(1)}\t24:0,d_sid=25", f"{visitor(2)}\td_unsid=25")
    apply(office)
    assert [office.traits_of(VISITORS, visitor(number)) for number in (1, 2)] == [[SILVER], []]


def test_the_last_word_on_a_trait_within_a_file_counts(office):
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\td_sid=24,d_sid=25", f"{visitor(1)}\td_unsid=24")
    apply(office)
    assert office.traits_of(VISITORS, visitor(1)) == [SILVER]


def test_a_bare_number_is_a_signal_and_else_the_id_of_a_trait(office):
    office.put("ftp_dpm_200_1772431200.sync", "crm-42\t30608,27")
    told = apply(office)
    assert office.traits_of(PEOPLE, "crm-42") == [FOREIGN]
    assert told["totalUnusedSignals"] == 0


def test_only_onboarded_traits_can_be_realized_by_id(office):
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\td_sid=26")
    assert apply(office)["noTraitRealized"] == 1
    assert office.traits_of(VISITORS, visitor(1)) == []


def test_sync_adds_and_overwrite_replaces_what_listed_users_have_of_the_data_source(office):
    office.know_visitors(1, 2, 3)
    office.put(NAME, *(f"{visitor(number)}\td_sid=24" for number in (1, 2, 3)))
    apply(office)
    with office.data.database.transaction() as db:
        profile = office.data.identities.device(db, ecid=visitor(1)).profile
        db.execute("INSERT INTO qualification VALUES (?, 27, 200, 1, 1, 1)", (profile,))
    office.put("ftp_dpm_100_1772431201.overwrite", f"{visitor(1)}\td_sid=25,d_unsid=27", f"{visitor(2)}\t")
    assert apply(office)["storedRecords"] == 2
    assert office.traits_of(VISITORS, visitor(1)) == [SILVER, FOREIGN]
    assert office.traits_of(VISITORS, visitor(2)) == []
    assert office.traits_of(VISITORS, visitor(3)) == [GOLD]


def test_an_empty_item_list_is_a_format_error_in_a_sync_file(office):
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\t")
    assert apply(office)["formatErrors"] == 1


def test_a_target_data_source_owns_the_traits_while_users_are_of_another(office):
    office.put("ftp_dpm_20914_200_1772431200.sync", "e4fe9bde-caa0-47b6-908d-ffba3fa184f2\td_sid=27", "E4FE\td_sid=27")
    told = apply(office)
    assert office.traits_of(GLOBAL, "e4fe9bde-caa0-47b6-908d-ffba3fa184f2") == [FOREIGN]
    assert (told["storedRecords"], told["invalidDeviceId"], told["invalidAamId"]) == (1, 1, 0)


def test_unknown_customers_are_kept_and_unknown_cookies_are_skipped(office):
    office.put("ftp_dpm_200_1772431200.sync", "crm-1\td_sid=27", "crm:2\td_sid=27")
    told = apply(office)
    assert (told["storedRecords"], told["formatErrors"]) == (1, 1)
    office.put("ftp_dpm_400_200_1772431200.sync", "cookie-1\td_sid=27")
    assert apply(office)["noMatchingAamId"] == 1


def test_only_the_first_200_lines_of_a_user_win(office):
    office.know_visitors(1)
    office.put(NAME, *[f"{visitor(1)}\td_sid=24"] * 200, f"{visitor(1)}\td_sid=25")
    assert apply(office)["formatErrors"] == 1
    assert office.traits_of(VISITORS, visitor(1)) == [GOLD]


def test_ids_of_users_compare_with_their_case(office):
    office.put("ftp_dpm_200_1772431200.sync", "User123\td_sid=27", "USER123\t30608")
    assert apply(office)["totalDevices"] == 2


def test_the_first_ten_errors_of_each_class_are_sampled_without_the_lines(office):
    office.know_visitors(1)
    office.put(NAME, *["no tab"] * 12, f"{visitor(9)}\td_sid=24")
    told = apply(office)
    assert [sample["line"] for sample in told["samplingDetails"]["formatErrors"]] == list(range(1, 11))
    assert told["samplingDetails"]["noMatchingAamId"] == [{"line": 13, "finding": "the user is not known"}]
    office.now += timedelta(days=14)
    office.put("ftp_dpm_100_1772431201.sync", "no tab")
    assert "samplingDetails" not in apply(office)


def test_a_processed_file_has_another_name_and_goes_after_30_days(office):
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\td_sid=24")
    office.take()
    assert office.files() == [f"date=2026-03-02/{NAME}.processed"]
    office.now += timedelta(days=30)
    office.take()
    assert office.files() == []


def test_a_file_is_read_once_and_another_one_of_its_name_again(office):
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\td_sid=24")
    first = office.take()
    assert office.take() == first
    office.put(NAME, f"{visitor(1)}\td_sid=24", f"{visitor(1)}\td_sid=25")
    assert office.take()["recordsReceived"] == 2


def test_a_file_that_was_accounted_for_but_not_renamed_is_not_read_again(office, monkeypatch):
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\td_sid=24")

    def fail(*_):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(office.inbound, "put", fail)
        first = office.take()
    assert office.files() == [f"date=2026-03-02/{NAME}"]
    assert office.take() == first
    assert office.files() == [f"date=2026-03-02/{NAME}.processed"]


@pytest.mark.parametrize(
    ("name", "content", "finding"),
    [
        (NAME, b"", "empty"),
        (NAME, b"\n\r\n", "empty"),
        (f"{NAME}.gz", b"plain", "gzip"),
        (f"{NAME}.gz", gzip.compress(b"x\td_sid=1\n", mtime=0)[:-9], "not whole"),
        (f"{NAME}.gz", gzip.compress(b"", mtime=0), "empty"),
        (f"{NAME}.zip", b"PK", "after the mode"),
        ("ftp_dpm_999_1772431200.sync", b"x\td_sid=1\n", "no such data source"),
        ("ftp_dpm_100_999_1772431200.sync", b"x\td_sid=1\n", "no such data source"),
        ("adobe_id_0_999_1772431200.sync", b"x\ty\n", "no such data source"),
    ],
)
def test_an_unprocessable_file_is_removed_and_told_of(office, name, content, finding):
    office.inbound.put(f"date=2026-03-02/{name}", content)
    told = office.take()
    assert told["status"] == "REJECTED"
    assert finding in told["finding"]
    assert office.files() == []


@pytest.mark.parametrize(
    ("key", "finding"),
    [
        (f"somewhere/{NAME}", "folder"),
        (f"date=2026-02-30/{NAME}", "folder"),
        ("date=2026-03-02/ftp_dpm_100_1772431200.sync.pgp", "encrypted"),
    ],
)
def test_a_file_that_cannot_be_taken_stays_and_is_told_of(office, key, finding):
    office.inbound.put(key, f"{visitor(1)}\td_sid=24\n".encode())
    told = office.take()
    assert told["status"] == "IGNORED"
    assert finding in told["finding"]
    assert office.files() == [key]


@pytest.mark.parametrize("key", ["vendor/partner/date=2026-03-02/", "date=2026-03-02/", ""])
def test_files_are_taken_from_folders_of_a_day_and_from_none(office, key):
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\td_sid=24", day=key)
    assert office.take()["status"] == "PROCESSED"


def test_temporary_names_and_other_files_are_not_looked_at(office):
    office.put(f"{NAME}.part", "x")
    office.put(f".{NAME}", "x")
    office.put("readme.txt", "x")
    office.data.jobs.inbound.take(office.now)
    assert office.files() == ["date=2026-03-02/readme.txt"]


def test_nine_digits_of_a_time_are_taken_with_a_warning_if_one_says_so(opened):
    office = opened(nine_digit_times=True)
    office.put("ftp_dpm_200_123456789.sync", "crm-1\td_sid=27")
    told = office.take()
    assert (told["status"], "9 digits" in told["finding"]) == ("PROCESSED", True)


def test_lines_of_oracle_data_cloud_are_of_the_devices_that_they_name(office):
    office.put("ftp_dpm_odc_200_1772431200.sync", "gaid\te4fe9bde-caa0-47b6-908d-ffba3fa184f2\td_sid=27")
    apply(office)
    assert office.traits_of(GLOBAL, "e4fe9bde-caa0-47b6-908d-ffba3fa184f2") == [FOREIGN]


def test_traits_over_the_limit_go_first_in_first_out(opened):
    office = opened(inbound_usable_hours=0, traits_of_profile=1)
    office.know_visitors(1)
    office.put(NAME, f"{visitor(1)}\td_sid=24")
    apply(office)
    office.now += timedelta(hours=1)
    office.put("ftp_dpm_100_1772431201.sync", f"{visitor(1)}\td_sid=25")
    apply(office)
    assert office.traits_of(VISITORS, visitor(1)) == [SILVER]


def test_50_000_lines_are_taken_in_within_seconds(office):
    office.know_visitors(*range(50_000))
    office.put(f"{NAME}.gz", *(f"{visitor(number)}\td_sid=24" for number in range(50_000)))
    assert apply(office)["storedRecords"] == 50_000
