"""Every name and line that the documents give as an example, valid or not (audience-manager 3.2, 3.3, 3.7, 4, 4.1)."""

from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk.audience_manager.control_files import parse_control_file
from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncName
from audience_gateway.sdk.audience_manager.inbound_lines import InboundLine, RealiseTrait, RemoveTrait, Signal
from audience_gateway.sdk.audience_manager.inbound_names import InboundName
from audience_gateway.sdk.audience_manager.inbound_statements import LineKind, inbound_rows
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.audience_manager.name_faults import name_fault
from audience_gateway.sdk.audience_manager.outbound_lines import changes
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate

UUID = "59767559181262060060278870901087098252"
ONE_OF_A_COMPANY = "DBwFoc3dhfMNCFBh2M4F9ZkJEXMNnRDh2PXvnI1"
MILLISECONDS, SECONDS_CSV = NameTemplate(), NameTemplate(timestamp_digits=10, extension="csv")

NAMES = {
    "ftp_dpm_478_1366545717.sync.1.gz": "",
    "ftp_dpm_478_567_1366545717.sync.gz": "",
    "ftp_dpm_20914_21_1234567890.sync": "",
    "ftp_dpm_1234_1445374061.overwrite": "",
    "ftp_dpm_odc_478_1366545717.sync": "",
    "ftp_dpm_478_1366545717.sync.pgp": "The file is encrypted.",
    "ftp_dpm_478_567_1366545717.overwrite.gpg": "The file is encrypted.",
    "ftp_dpm_20914_1366545717.sync": "The ids are those of a data source that all companies share: name a target.",
    "ftp_dpm_478_1366545717.sync.zip": "The file is compressed by zip; only gzip is taken.",
    "ftp_dpm_478_1366545717.overwrite.gz.pgp": "The file is encrypted and also compressed or split.",
    "ftp_dpm_478_1366545717.sync.1.pgp": "The file is encrypted and also compressed or split.",
    "ftp_dpm_478_1366545717.full": "The mode is neither `sync` nor `overwrite`.",
    "ftp_dpm_478_123456789.sync": "The last number, the timestamp, does not have 10 digits.",
    "ftp_dpm_1366545717.sync": "A name bears a data source, a target data source if need be, and a timestamp.",
    "ftp_dpm_1_2_3_1366545717.sync": "A name bears a data source, a target data source if need be, and a timestamp.",
    "ftp_dpm_478_1366545717.sync.gz.1": "The name ends otherwise than it may.",
    "adobe_id_0_12345_1476312152.sync": "",
    "adobe_id_12345_67890_1477846458.sync": "",
    "adobe_id_123_898_456_1454442149.sync.1.gz": "",
    "c2c_id_999999_987654_1560431657.sync": "",
    "adobe_id_123_1454442149.sync": "The name bears only one data source; ids are synchronised between two or more.",
    "adobe_id_0_12345_1476312152.overwrite": "Ids are synchronised by `.sync` files only.",
    "adobe_id_0_12345_147631215.sync": "The last number, the timestamp, does not have 10 digits.",
    "c2c_id_999999_987654_1560431657.sync.zip": "The file is compressed by zip; only gzip is taken.",
    "crm.csv": "The name begins neither with `ftp_dpm_` nor with `adobe_id_` or `c2c_id_`, each followed by numbers.",
}


@pytest.mark.parametrize(("name", "fault"), NAMES.items())
def test_a_name_is_sound_or_has_a_fault(name, fault):
    assert name_fault(name) == fault
    found = InboundName.parse(name) or IdSyncName.parse(name)
    assert (found is not None) is (not fault or fault == "The file is encrypted.")
    assert found is None or str(found) == name


def test_nine_digits_are_a_timestamp_only_to_a_lenient_reader():
    name = InboundName.parse("ftp_dpm_478_123456789.sync", lenient=True)
    assert (name.data_source_id, name.timestamp) == (478, 123456789)


LINES = {
    f"{UUID}\td_sid=24,d_sid=26,d_unsid=28": (RealiseTrait(24), RealiseTrait(26), RemoveTrait(28)),
    f"{ONE_OF_A_COMPANY}\t30608,50354": (Signal("ic", "30608"), Signal("ic", "50354")),
    'crm-42\t"gender"=m, model = "pickup truck"': (Signal("gender", "m"), Signal("model", "pickup truck")),
    "crm-42\t24:0,26:-1": (RemoveTrait(24), RemoveTrait(26)),
    "crm-42\tic=7": (Signal("ic", "7"),),
    "crm-42\t-product = camera": (Signal("product", "camera"),),
    'crm-42\tat="2013-01-26 00:00:00.000"': (Signal("at", "2013-01-26 00:00:00.000"),),
    "crm-42 d_sid=24": None,
    "crm:42\td_sid=24": None,
    "crm%3A42\td_sid=24": None,
    "crm-42\td_sid=24\td_sid=26": None,
    "crm-42\t“gender”=m": None,
    "crm-42\t": None,
}


@pytest.mark.parametrize(("line", "items"), LINES.items())
def test_a_line_is_read_or_malformed_one_by_one_and_in_columns(line, items):
    parsed = InboundLine.parse(line)
    assert (parsed.items if parsed else None) == items
    (defect,) = inbound_rows(pa.array([line.encode()], pa.binary()), LineKind()).defects.to_pylist()
    assert defect == (None if items else "malformed_row")


def test_a_line_of_audience_managers_own_ids_has_38_digits():
    lines = pa.array([f"{UUID}\td_sid=24".encode(), f"{UUID[:-1]}X\td_sid=24".encode()], pa.binary())
    assert inbound_rows(lines, LineKind(uuid_source=True)).defects.to_pylist() == [None, "malformed_row"]


def test_a_line_of_the_oracle_data_cloud_begins_with_the_kind_of_its_id():
    line = InboundLine.parse("idfa\tA53CC5A2-6AA1-4210-8DED-A88B29B6212A\td_sid=24", oracle_data_cloud=True)
    assert line.items == (RealiseTrait(24),)
    assert str(line) == "idfa\tA53CC5A2-6AA1-4210-8DED-A88B29B6212A\td_sid=24"


@pytest.mark.parametrize(
    ("template", "name", "expected"),
    [
        (SECONDS_CSV, "s3_123456_9999_full_1566906141001.csv", ("S3", 123456, 9999, "", "full", 1566906141, 1)),
        (
            MILLISECONDS,
            "S3_1234_20914_XYZCustomer_iter_1486140844000001.sync.gz",
            ("S3", 1234, 20914, "XYZCustomer", "iter", 1486140844000, 1),
        ),
        (MILLISECONDS, "ftp_1234_20915_full_1486140843000.sync.gz", ("FTP", 1234, 20915, "", "full", 1486140843000, 0)),
        (
            MILLISECONDS,
            "ftp_1234_20915_full_1486140843000-2.sync.gz",
            ("FTP", 1234, 20915, "", "full", 1486140843000, 2),
        ),
        (MILLISECONDS, "ftp_1234_20915_delta_1486140843000.sync.gz", None),
    ],
)
def test_an_outbound_name_is_read_by_its_template(template, name, expected):
    found = template.parse(name)
    attributes = ("sync_type", "destination_id", "data_source_id", "alias", "mode", "timestamp", "split")
    assert (tuple(getattr(found, attribute) for attribute in attributes) if found else None) == expected


@pytest.mark.parametrize(
    ("segment", "expected"), [(24, (True, False)), (27, (True, False)), (25, (False, True)), (2, (False, False))]
)
def test_the_documented_outbound_line_is_a_member_of_three_segments_and_left_two(segment, expected):
    lines = pa.array([f"{UUID} 24,26,27 25,28".encode()], pa.binary())
    found = changes(lines, template=LineTemplate(separator=" "), segment=segment, full=False)
    assert (found.ids.to_pylist(), found.added.to_pylist(), found.removed.to_pylist()) == (
        [UUID],
        [expected[0]],
        [expected[1]],
    )


def test_a_control_file_may_leave_its_keys_bare_as_the_documented_one_does():
    content = b"""{
        Files: [
            {FileByteSize: 10, FileLineCount: 2, FileName: "ftp_1_2_full_3-1.sync.gz", FileSequenceNumber: 1,
             md5: "d41d8cd98f00b204e9800998ecf8427e"},
        ],
        Totals: {FileName: "ftp_1_2_iter_3", TotalByteSize: 10, TotalNumberFiles: 1, TotalNumberLines: 2},
    }"""
    assert parse_control_file(content)["ftp_1_2_full_3-1.sync.gz"].lines == 2
