import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from audience_gateway.cli.main import app
from typer.testing import CliRunner

CONFIG = '[server]\naddress = "127.0.0.1:0"\n[storage]\nstate = "{}"\n'


@pytest.fixture
def serving(tmp_path):
    """A gateway of its own, run by the command; its process and its address."""
    config, ready = tmp_path / "gateway.toml", tmp_path / "ready.json"
    config.write_text(CONFIG.format(tmp_path / "state"))
    program = "from audience_gateway.cli.main import main; main()"
    arguments = ["serve", "--config", str(config), "--ready-file", str(ready)]
    log = tmp_path / "stderr"
    with (
        log.open("wb") as stderr,
        subprocess.Popen([sys.executable, "-c", program, *arguments], stderr=stderr) as process,
    ):
        try:
            while not ready.exists():
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield process, json.loads(ready.read_text())["address"]
        finally:
            process.kill()


def serve(config: Path):
    return CliRunner().invoke(app, ["serve", "--config", str(config)])


def test_the_gateway_answers_at_the_address_of_the_ready_file(serving):
    _, address = serving
    listed = json.loads(CliRunner().invoke(app, ["--address", address, "id-types", "list", "--json"]).stdout)
    assert {"idTypes/declared_id", "idTypes/visitor_id"} <= {id_type["name"] for id_type in listed}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(serving, number):
    process, _ = serving
    process.send_signal(number)
    assert process.wait() == 0


def test_a_settings_file_that_is_not_there_is_one_line(tmp_path):
    result = serve(tmp_path / "none.toml")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {tmp_path}/none.toml: the settings file cannot be read")
    assert result.stderr.count("\n") == 1


def test_a_bad_setting_is_one_line_with_its_path(tmp_path):
    config = tmp_path / "gateway.toml"
    config.write_text("[transfers]\nthreads = 0\n")
    result = serve(config)
    assert result.exit_code == 1
    assert "transfers.threads" in result.stderr
    assert result.stderr.count("\n") == 1
