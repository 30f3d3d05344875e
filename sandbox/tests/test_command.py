"""The command as a process of its own."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

PROGRAM = "import typer; from audience_gateway_sandbox.command import sandbox; typer.run(sandbox)"


@contextmanager
def running(*options):
    command = [sys.executable, "-c", PROGRAM, "--recipients", "100", "--port", "0", *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(file, process):
    while not file.exists():
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    return json.loads(file.read_text())


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_writes_the_ready_file_answers_and_ends_well(tmp_path, end):
    with running("--state", tmp_path / "state", "--ready-file", tmp_path / "ready.json") as process:
        ready = wait_for(tmp_path / "ready.json", process)
        with urllib.request.urlopen(f"{ready['admin']['url']}/sandbox/facts") as answer:
            assert len(json.load(answer)["days"]) == 2
        process.send_signal(end)
        assert process.wait(20) == 0
        printed = process.stdout.read()
    assert ready["campaign"]["password"] in printed
    assert ready["ims"]["client_secret"] in printed


def test_other_data_in_the_directory_is_one_line_and_not_a_traceback(tmp_path):
    with running("--state", tmp_path, "--ready-file", tmp_path / "ready.json") as process:
        wait_for(tmp_path / "ready.json", process)
    with running("--state", tmp_path, "--seed", "2") as process:
        assert process.wait(20) == 1
        [line] = process.stdout.read().splitlines()
    assert line.startswith("error: ")
    assert "--seed 1" in line


def test_too_few_recipients_are_refused():
    with running("--recipients", "5") as process:
        assert process.wait(20) == 2
