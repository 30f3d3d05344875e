"""The tutorial works as it is written."""

from __future__ import annotations

from pages import DOCS, blocks
from shell import Shell, free_port


def test_each_command_prints_what_the_tutorial_says(tmp_path):
    ports = {8090: free_port(), 50051: free_port()}
    address = {"AUDIENCE_GATEWAY_ADDRESS": f"127.0.0.1:{ports[50051]}"}

    with Shell(tmp_path, ports, address) as shell:
        shell.run(blocks(DOCS / "tutorial.md"))
