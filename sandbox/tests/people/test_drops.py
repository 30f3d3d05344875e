"""Files that the Experience Cloud drops for Campaign."""

import gzip
import hashlib
import json
from datetime import UTC, datetime

import pytest
from audience_gateway_sandbox.people import Drop, DropFaults, control_file, drop_files

DROP = Drop(4711, 38888, datetime(2026, 1, 1, tzinfo=UTC))
LINES = [b"0001\t24", b"0002\t24,26", b"\xff broken"]


def test_the_name_tells_destination_data_source_mode_and_milliseconds():
    assert DROP.part_name() == "S3_4711_38888_full_1767225600000.sync.gz"


def test_lines_are_written_as_they_are_without_a_header():
    [file] = drop_files(DROP, LINES)
    assert gzip.decompress(file.content) == b"0001\t24\n0002\t24,26\n\xff broken\n"


@pytest.mark.parametrize("parts", [2, 3, 9])
def test_parts_hold_all_lines_in_their_order_and_none_is_empty(parts):
    files = drop_files(DROP, LINES, parts)
    assert len(files) == min(parts, 3)
    assert b"".join(gzip.decompress(file.content) for file in files) == b"0001\t24\n0002\t24,26\n\xff broken\n"


def test_the_control_file_counts_and_hashes_each_part():
    files = drop_files(DROP, LINES, 2)
    control = json.loads(control_file(DROP, files).content)
    assert control["Files"][1] == {
        "FileByteSize": len(files[1].content),
        "FileLineCount": 2,
        "FileName": "S3_4711_38888_full_1767225600000001.sync.gz",
        "FileSequenceNumber": 2,
        "md5": hashlib.md5(files[1].content, usedforsecurity=False).hexdigest(),
    }
    assert (control["Totals"]["TotalNumberFiles"], control["Totals"]["TotalNumberLines"]) == (2, 3)


def test_wrong_counts_are_only_in_the_control_file():
    listed = DropFaults(wrong_counts=True).listed(drop_files(DROP, LINES))
    assert json.loads(control_file(DROP, listed).content)["Files"][0]["FileLineCount"] == 4
