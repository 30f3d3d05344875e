from __future__ import annotations

from audience_gateway.sdk.audience_manager.control_files import ListedFile, control_file, parse_control_file

FIRST = ListedFile(name="S3_1_2_full_3.sync.gz", size=10, lines=2, md5="0" * 32)
SECOND = ListedFile(name="S3_1_2_full_3001.sync.gz", size=20, lines=3, md5="a" * 32)


def test_what_is_written_is_read():
    content = control_file("S3_1_2_full_3", [FIRST, SECOND])
    assert parse_control_file(content) == {FIRST.name: FIRST, SECOND.name: SECOND}


def test_totals_are_those_of_all_files():
    assert b'"TotalNumberLines": 5' in control_file("S3_1_2_full_3", [FIRST, SECOND])
