"""Files that the Experience Cloud drops for Campaign."""

import gzip
import hashlib
import json
from datetime import UTC, datetime

from audience_gateway_sandbox.people import Buckets, Drop, write_drop

DROP = Drop(4711, 38888, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_name_tells_destination_data_source_mode_and_milliseconds():
    assert DROP.file_name == "S3_4711_38888_full_1767225600000.sync.gz"


def test_lines_are_written_as_they_are_without_a_header(tmp_path):
    written = write_drop(tmp_path, DROP, [b"0001\t24", b"\xff broken"])
    assert gzip.decompress(written.read_bytes()) == b"0001\t24\n\xff broken\n"


def test_the_control_file_counts_and_hashes_the_data_file(tmp_path):
    written = write_drop(tmp_path, DROP, [b"0001\t24", b"0002\t24,26"])
    control = json.loads((tmp_path / "S3_4711_38888_full_1767225600000.info").read_text())
    assert control["Files"] == [
        {
            "FileByteSize": written.stat().st_size,
            "FileLineCount": 2,
            "FileName": written.name,
            "FileSequenceNumber": 1,
            "md5": hashlib.md5(written.read_bytes(), usedforsecurity=False).hexdigest(),
        }
    ]
    assert control["Totals"]["TotalNumberLines"] == 2


def test_nothing_else_is_left_in_the_bucket(tmp_path):
    write_drop(tmp_path, DROP, [b"0001\t24"])
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".gz", ".info"]


def test_buckets_are_named_after_campaigns_external_accounts(tmp_path):
    buckets = Buckets.below(tmp_path)
    assert buckets.addresses["importSharedAudience"] == (tmp_path / "importSharedAudience").as_uri()
    assert buckets.exported.is_dir()
