"""Names of inbound files: each one that the documents print, and what is wrong with the others."""

import pytest
from audience_gateway_sandbox.audience_manager.inbound.names import (
    BadName,
    DataFile,
    IdSyncFile,
    IdSyncKind,
    Mode,
    read_name,
)

DATA_FILES = {
    "ftp_dpm_478_1366545717.sync.1.gz": DataFile(478, 478, 1366545717, Mode.SYNC, 1, is_gzip=True),
    "ftp_dpm_478_567_1366545717.sync.gz": DataFile(478, 567, 1366545717, Mode.SYNC, is_gzip=True),
    "ftp_dpm_20914_21_1234567890.sync": DataFile(20914, 21, 1234567890, Mode.SYNC),
    "ftp_dpm_478_1366545717.overwrite": DataFile(478, 478, 1366545717, Mode.OVERWRITE),
    "ftp_dpm_478_1366545717.overwrite.pgp": DataFile(478, 478, 1366545717, Mode.OVERWRITE, is_encrypted=True),
    "ftp_dpm_478_1366545717.sync.gpg": DataFile(478, 478, 1366545717, Mode.SYNC, is_encrypted=True),
    "ftp_dpm_odc_478_1366545717.sync": DataFile(478, 478, 1366545717, Mode.SYNC, names_devices=True),
}
ID_SYNC_FILES = {
    "adobe_id_0_12345_1476312152.sync": IdSyncFile(IdSyncKind.DEVICES, (0, 12345), 1476312152),
    "adobe_id_123_898_456_1454442149.sync.1.gz": IdSyncFile(
        IdSyncKind.DEVICES, (123, 898, 456), 1454442149, 1, is_gzip=True
    ),
    "c2c_id_999999_987654_1560431657.sync": IdSyncFile(IdSyncKind.HASHED_EMAILS, (999999, 987654), 1560431657),
}


@pytest.mark.parametrize(("name", "told"), [*DATA_FILES.items(), *ID_SYNC_FILES.items()])
def test_a_valid_name_tells_what_is_in_the_file(name, told):
    assert read_name(name) == told


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("ftp_dpm_20914_1366545717.sync", "global data source"),
        ("ftp_dpm_478_1366545717.sync.zip", "after the mode"),
        ("ftp_dpm_478_1366545717.overwrite.gz.pgp", "after the mode"),
        ("ftp_dpm_478_1366545717.sync.1.pgp", "after the mode"),
        ("ftp_dpm_478_1366545717.full", "neither sync nor overwrite"),
        ("ftp_dpm_478_1366545717000.sync", "10 digits"),
        ("ftp_dpm_478_123456789.sync", "10 digits"),
        ("ftp_dpm_1366545717.sync", "needs the data source"),
        ("ftp_dpm_1_2_3_1366545717.sync", "needs the data source"),
        ("ftp_dpm_odc_478_1366545717.sync.pgp", "Oracle"),
        ("ftp_dpm_478_1366545717", "neither ftp_dpm_"),
        ("ftp_dpm_abc_1366545717.sync", "neither ftp_dpm_"),
        ("FTP_DPM_478_1366545717.sync", "neither ftp_dpm_"),
        ("adobe_id_123_1454442149.sync", "two columns"),
        ("adobe_id_0_12345_1476312152.overwrite", "the mode is sync"),
        ("c2c_id_1_2_1560431657.sync.zip", "after the mode"),
        ("", "neither ftp_dpm_"),
    ],
)
def test_an_invalid_name_is_refused_with_what_is_wrong(name, finding):
    with pytest.raises(BadName, match=finding):
        read_name(name)


@pytest.mark.parametrize("name", ["ftp_dpm_478_123456789.sync", "adobe_id_0_1_123456789.sync"])
def test_nine_digits_of_a_time_are_a_warning_to_a_lenient_reader(name):
    assert "9 digits" in read_name(name, strict=False).warning
    with pytest.raises(BadName):
        read_name(name.replace("123456789", "12345678"), strict=False)
