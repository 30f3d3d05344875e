"""Real object stores for tests: S3 by moto's server, Azure Blob by Azurite, both on the loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.ports import free_port, wait_for_port

_AZURITE = Path(__file__).parents[1] / "build/azurite/node_modules/azurite/dist/src/blob/main.js"


@dataclass(frozen=True, slots=True)
class S3Server:
    """An S3 server that takes any key."""

    endpoint: str

    def create(self, bucket: str) -> None:
        """Makes a bucket."""
        client = self.client()
        client.create_bucket(Bucket=bucket)
        client.close()

    def client(self):  # boto3 makes its clients' types at run time
        """Amazon's own client."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """The server of this test process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(f"http://{host}:{port}")
    server.stop()


class AzuriteServer:
    """Azurite's blob service with one account; `start` returns when it can be connected to."""

    account = "gateway"

    def __init__(self) -> None:
        self.key = base64.b64encode(secrets.token_bytes(64)).decode()
        self._port = free_port()
        self._directory = Path(tempfile.mkdtemp(prefix="azurite-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Its address with the account, as emulators have it."""
        return f"http://127.0.0.1:{self._port}/{self.account}"

    def create(self, container: str) -> None:
        """Makes a container."""
        address = f"{self.endpoint}/{container}?restype=container&{self.signature()}"
        with urllib.request.urlopen(urllib.request.Request(address, method="PUT")):
            pass

    def signature(self, permissions: str = "rwdlac") -> str:
        """A shared access signature of the account."""
        fields = {"sp": permissions, "ss": "b", "srt": "sco", "st": "", "se": "2999-01-01T00:00:00Z"}
        version = "2021-06-08"
        signed = "\n".join([self.account, *fields.values(), "", "http,https", version, "", ""])
        digest = hmac.digest(base64.b64decode(self.key), signed.encode(), hashlib.sha256)
        del fields["st"]
        return urlencode(fields | {"spr": "http,https", "sv": version, "sig": base64.b64encode(digest).decode()})

    def start(self) -> None:
        """Starts it. Raises RuntimeError if it is not installed."""
        node = shutil.which("node")
        if node is None or not _AZURITE.exists():
            raise RuntimeError("Azurite is not installed: `make azurite` installs it")
        log = self._directory / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    node, "--no-deprecation", _AZURITE, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
                    "--inMemoryPersistence", "--blobHost", "127.0.0.1", "--blobPort", str(self._port),
                ],
                env={"AZURITE_ACCOUNTS": f"{self.account}:{self.key}"},
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )  # fmt: skip
        wait_for_port(self._port, self._process, log)

    def close(self) -> None:
        """Stops it, and removes its files."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self._directory)


@pytest.fixture(scope="session")
def azurite_server() -> Iterator[AzuriteServer]:
    """The server of this test process."""
    server = AzuriteServer()
    try:
        server.start()
        yield server
    finally:
        server.close()
