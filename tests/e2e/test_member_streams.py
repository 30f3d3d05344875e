"""Members that are streamed in are shared like any others, and a killed gateway loses none of them."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import uuid

import pytest
from processes import COMMAND

SMALL_CHUNKS = {"\n[storage]": "\n[streams]\nchunk_rows = 3\nwindow = 2\n\n[storage]"}
TORN = ["", "not-set", "12345", "x" * 38]


def counts(receipt):
    return {name: receipt[name] for name in ("rows_read", "outcomes", "reasons")}


def receipt_of(ended):
    assert ended.returncode == 0, ended.stderr
    return json.loads(json.loads(ended.stdout)["receipt"]["canonical_json"])


def rows_of(path):
    return path.read_text(encoding="utf-8").splitlines()[1:]


@pytest.fixture
def audience(gateway, tmp_path):
    """A started gateway's audience as a file, with some rows that are no members."""
    gateway.start()
    path = tmp_path / "gold.csv"
    read = gateway.cli("members", "read", "people/gold", "--data-source", "visitor-id", "--out", str(path))
    assert read.returncode == 0, read.stderr
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{one}\n" for one in TORN)
    return path


def test_members_that_were_read_and_written_again_are_those_that_are_shared(gateway, systems, audience):
    shared = gateway.receipt("people/gold", "campaign/shared-gold", "--data-source", "visitor-id")
    write = ("members", "write", str(audience), "campaign/streamed-gold", "--data-source", "visitor-id", "--json")
    written = receipt_of(gateway.cli(*write))

    assert len(rows_of(audience)) == shared["rows_read"] + len(TORN) == written["rows_read"]
    assert sum(written["outcomes"].values()) == written["rows_read"]
    assert written["outcomes"]["delivered"] == shared["outcomes"]["delivered"]
    assert systems.members("streamed-gold") == systems.members("shared-gold") != []
    assert gateway.end() == 0


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_stream_goes_on_over_kills_of_the_gateway(gateway, systems, audience):
    write = ("members", "write", str(audience), "--data-source", "visitor-id", "--json")
    undisturbed = receipt_of(gateway.cli(*write, "campaign/streamed-in-peace"))
    assert gateway.end() == 0
    port = free_port()
    settings = SMALL_CHUNKS | {"127.0.0.1:0": f"127.0.0.1:{port}"}
    gateway.start(**settings)
    request_id = str(uuid.uuid4())
    command = [COMMAND, "--address", gateway.address, *write, "campaign/streamed-in-pieces", "--request-id", request_id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writing:
        for chunks in (5, 20, 40):
            wait_for_chunks(gateway, writing, chunks)
            gateway.kill()
            gateway.start(**settings)
        out, err = writing.communicate(timeout=120)

    receipt = receipt_of(subprocess.CompletedProcess(command, writing.returncode, out, err))
    assert counts(receipt) == counts(undisturbed)
    assert systems.members("streamed-in-pieces") == systems.members("streamed-in-peace")
    again = receipt_of(gateway.cli(*write, "campaign/streamed-in-pieces", "--request-id", request_id))
    assert again == receipt
    assert gateway.end() == 0


def test_no_id_that_is_streamed_is_logged(gateway, audience):
    for torn in ("campaign/none", "nowhere/none"):
        gateway.cli("members", "write", str(audience), torn, "--data-source", "visitor-id")
    assert gateway.end() == 0

    assert not [one for one in rows_of(audience) if len(one) > len("12345") and one in gateway.log]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def wait_for_chunks(gateway, writing, count):
    while len(list((gateway.state / "state" / "streams").glob("*/[0-9]*.arrow"))) < count:
        assert writing.poll() is None, writing.stderr.read()
        time.sleep(0.001)
