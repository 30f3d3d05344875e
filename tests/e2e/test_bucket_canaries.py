"""Neither what opens buckets nor the ids that travel through them is in logs, outputs or what the gateway keeps."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.conftest import Gateway, Systems

CANARY = "canarybird"
SECRETS = {
    "S3_SECRET": f"{CANARY}-of-s3",
    "SFTP_PASSWORD": f"{CANARY}-of-sftp",
    "AZURE_KEY": base64.b64encode(f"{CANARY}-of-azure".encode()).decode(),
}
REFUSED = ("sftp-password", "azure")
KINDS = ("s3", "sftp", *REFUSED)
CREDENTIALS = """
[transfers]
attempts = 1

[credentials.s3]
provider = "aws_keys"
[credentials.s3.settings]
access_key_id = "gateway"
secret_access_key = "env:S3_SECRET"
endpoint = "{s3}"

[credentials.sftp]
provider = "sftp"
[credentials.sftp.settings]
private_key = "file:{key}"
host_keys = ["{host_key}"]

[credentials.sftp-password]
provider = "sftp"
[credentials.sftp-password.settings]
password = "env:SFTP_PASSWORD"
host_keys = ["{host_key}"]

[credentials.azure]
provider = "azure_key"
[credentials.azure.settings]
account = "gateway"
key = "env:AZURE_KEY"
endpoint = "{azure}"
"""
CONNECTION = """
[connections.{name}]
connector = "campaign"
[connections.{name}.settings]
transport = "bucket"
[connections.{name}.settings.bucket]
import_bucket = "{url}"
export_bucket = "{url}"
import_credentials = "{name}"
export_credentials = "{name}"
[connections.{name}.settings.bucket.audiences.list]
segment_id = 24
trait_id = 24
"""


@pytest.fixture
def sharing(systems: Systems, tmp_path: Path, s3_server, azurite_server, ssh_server) -> Iterator[Gateway]:
    """A gateway with buckets of every kind; SFTP by password and Azure refuse what they are shown."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "sftp").mkdir()
    bucket = f"canaries-{uuid4().hex}"
    s3_server.create(bucket)
    azurite_server.create(bucket)
    urls = {
        "s3": f"s3://{bucket}",
        "azure": f"az://{bucket}",
        "sftp": ssh_server.url(tmp_path / "sftp"),
        "sftp-password": ssh_server.url(tmp_path / "sftp"),
    }
    credentials = CREDENTIALS.format(
        s3=s3_server.endpoint,
        azure=azurite_server.endpoint,
        key=ssh_server.directory / "user",
        host_key=ssh_server.host_key,
    )
    connections = "".join(CONNECTION.format(name=name, url=urls[name]) for name in KINDS)
    made = Gateway(systems, tmp_path, dict(SECRETS))
    made.start(
        **{
            "[connections.files]\n": f"{credentials}{connections}\n[connections.files]\n",
            'recipe = "email"\ncodec = "sha256"\naam_data_source_id = 38889': (
                'recipe = "email"\naam_data_source_id = 38889\naam_destination_id = 4711'
            ),
        }
    )
    yield made
    if made.process:
        made.kill()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_canary_is_in_what_is_said_or_kept(sharing):
    emails = [f"{CANARY}-{number}@example.org" for number in range(50)]
    text = "\n".join(["personalEmail_address", *emails, f"{CANARY}:in-a-bad-id", f'"{CANARY}']) + "\n"
    (sharing.state / "lists" / "canaries.csv").write_text(text)
    said = []
    for name in KINDS:
        done = sharing.cli("share", "files/canaries.csv", f"{name}/list", "--data-source", "email-sha256", "--json")
        said.append((name, done.returncode, done.stdout + done.stderr))
    for name in REFUSED:
        done = sharing.cli("connections", "check", name)
        said.append((name, done.returncode, done.stdout + done.stderr))
    assert [name for name, code, _ in said if not code] == ["s3", "sftp"]  # so canaries did travel
    assert sharing.end() == 0

    assert [one for one in said if CANARY in one[2] or SECRETS["AZURE_KEY"] in one[2]] == []
    assert CANARY not in sharing.log
    kept = [path for path in (sharing.state / "state").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        content = path.read_bytes()
        assert not [secret for secret in SECRETS.values() if secret.encode() in content], path
        assert path.suffix == ".parquet" or CANARY.encode() not in content, path
