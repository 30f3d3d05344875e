"""A real OpenSSH server for tests: on the loopback, with keys of its own, gone with the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port, wait_for_port

_SETTINGS = """
ListenAddress 127.0.0.1
Port {port}
HostKey {directory}/host
AuthorizedKeysFile {directory}/user.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
Subsystem sftp internal-sftp
"""


class SshServer:
    """An OpenSSH server that lets our own account in with one key; `start` returns when it can be connected to."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="sshd-"))
        self.user = getpass.getuser()
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("host", "user", "stranger"):
            _keygen(self.directory / name)

    @property
    def host_key(self) -> str:
        """The host's public key."""
        return (self.directory / "host.pub").read_text().strip()

    def url(self, directory: Path) -> str:
        """The address of a directory as a bucket."""
        return f"sftp://{self.user}@127.0.0.1:{self.port}{directory}"

    def start(self) -> None:
        """Starts it."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # what it separates privileges with
        settings = self.directory / "sshd_config"
        settings.write_text(_SETTINGS.format(port=self.port, directory=self.directory))
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [program(), "-D", "-e", "-f", settings], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_for_port(self.port, self._process, self.directory / "log")

    def end_connections(self) -> None:
        """Kills what serves the connections; new ones are taken."""
        self._signal(signal.SIGKILL)

    def stop_connections(self) -> None:
        """Stops what serves the connections, so that they say nothing any more."""
        self._signal(signal.SIGSTOP)

    def close(self) -> None:
        """Stops it, and removes its files."""
        if self._process is not None:
            self.end_connections()
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self.directory)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.send_signal(number)


def program() -> str:
    """Where the server is. Raises RuntimeError if there is none."""
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise RuntimeError("OpenSSH's server is not installed: `make sshd` installs it")
    return found


def _keygen(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)  # noqa: S607  # wherever OpenSSH is


@pytest.fixture(scope="session")
def ssh_server() -> Iterator[SshServer]:
    """The server of this test process."""
    server = SshServer()
    try:
        server.start()
        yield server
    finally:
        server.close()
