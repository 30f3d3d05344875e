"""What is particular to buckets on SFTP servers: who is let in, and who is taken for the host."""

from __future__ import annotations

import asyncssh
import pytest
from audience_gateway.sdk import AuthError, Bucket, ConfigError, Secret, Transient
from audience_gateway.storage import Waits, open_bucket
from audience_gateway.storage.bucket_credentials import SftpLogin
from pydantic import ValidationError

from tests.sshd import SshServer

PASSWORD = "canary-password"


@pytest.fixture
def key(ssh_server) -> Secret:
    return Secret(f"file:{ssh_server.directory}/user")


@pytest.fixture
async def password_server(ssh_server, tmp_path):
    """A server that asks for a password; OpenSSH's own would ask the machine's accounts."""

    class Doorkeeper(asyncssh.SSHServer):
        def begin_auth(self, username):
            return True

        def password_auth_supported(self):
            return True

        def validate_password(self, username, password):
            return (username, password) == ("drops", PASSWORD)

    server = await asyncssh.create_server(
        Doorkeeper,
        "127.0.0.1",
        0,
        server_host_keys=[str(ssh_server.directory / "host")],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(tmp_path).encode()),
    )
    async with server:
        yield f"sftp://drops@127.0.0.1:{server.get_port()}/"


def opened(url: str, **login: object) -> Bucket:
    return open_bucket(url, SftpLogin.model_validate(login), Waits(connect=5, read=5))


async def test_a_password_opens(password_server, ssh_server, monkeypatch):
    monkeypatch.setenv("SFTP_PASSWORD", PASSWORD)
    bucket = opened(password_server, password="env:SFTP_PASSWORD", host_keys=[ssh_server.host_key])
    assert (await bucket.write("day/a", b"x")).size == 1
    assert [one.key async for one in bucket.list()] == ["day/a"]


async def test_a_wrong_password_is_refused_and_not_repeated(password_server, ssh_server, monkeypatch):
    monkeypatch.setenv("SFTP_PASSWORD", "canary-wrong")
    bucket = opened(password_server, password="env:SFTP_PASSWORD", host_keys=[ssh_server.host_key])
    with pytest.raises(AuthError) as caught:
        await bucket.head("a")
    assert "canary" not in str(caught.value)


async def test_an_unknown_key_is_refused(ssh_server, tmp_path):
    bucket = opened(
        ssh_server.url(tmp_path),
        private_key=f"file:{ssh_server.directory}/stranger",
        host_keys=[ssh_server.host_key],
    )
    with pytest.raises(AuthError, match="access was refused"):
        await bucket.write("a", b"x")
    assert not list(tmp_path.iterdir())


async def test_a_host_with_another_key_gets_nothing(ssh_server, tmp_path, key):
    other = (ssh_server.directory / "stranger.pub").read_text().strip()
    with pytest.raises(AuthError, match="does not have the key"):
        await opened(ssh_server.url(tmp_path), private_key=key, host_keys=[other]).write("a", b"x")
    assert not list(tmp_path.iterdir())


async def test_an_unknown_host_is_not_trusted_by_default(ssh_server, tmp_path, key, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(AuthError, match="does not have the key"):
        await opened(ssh_server.url(tmp_path), private_key=key).head("a")
    assert await opened(ssh_server.url(tmp_path), private_key=key, check_host_key=False).head("a") is None


async def test_hosts_may_be_known_by_a_file(ssh_server, tmp_path, key):
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{ssh_server.port} {ssh_server.host_key}\n")
    assert await opened(ssh_server.url(tmp_path), private_key=key, known_hosts=known).head("a") is None


async def test_nothing_is_left_of_an_upload_that_failed(ssh_server, tmp_path, key):
    async def broken():
        yield b"half"
        raise RuntimeError("cut")

    bucket = opened(ssh_server.url(tmp_path), private_key=key, host_keys=[ssh_server.host_key])
    with pytest.raises(RuntimeError, match="cut"):
        await bucket.write("day/a", broken())
    assert list((tmp_path / "day").iterdir()) == []


async def test_a_host_that_is_not_there_is_a_transient_error_and_nothing_was_sent(key, monkeypatch):
    with pytest.raises(Transient) as caught:
        await opened("sftp://a@127.0.0.1:9/", private_key=key, check_host_key=False).write("a", b"x")
    assert not caught.value.sent


async def test_a_key_that_is_none_is_said_to_be_so(ssh_server, tmp_path, monkeypatch):
    monkeypatch.setenv("SFTP_KEY", "canary")
    bucket = opened(ssh_server.url(tmp_path), private_key="env:SFTP_KEY", host_keys=[ssh_server.host_key])
    with pytest.raises(ConfigError, match="private key cannot be read") as caught:
        await bucket.head("a")
    assert "canary" not in str(caught.value)


def test_a_password_in_an_address_is_refused():
    with pytest.raises(ConfigError, match="found a password") as caught:
        open_bucket("sftp://a:canary@host/")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "login", [{}, {"password": "env:A", "private_key": "env:B"}, {"password": "env:A", "passphrase": "env:B"}]
)
def test_a_login_is_a_password_or_a_key(login):
    with pytest.raises(ValidationError, match=r"must be set|is for"):
        SftpLogin.model_validate(login)


async def test_a_server_that_dies_under_an_upload_is_a_transient_error_and_leaves_no_object(tmp_path):
    server = SshServer()
    server.start()
    try:
        login = SftpLogin(private_key=Secret(f"file:{server.directory}/user"), host_keys=(server.host_key,))
        bucket = open_bucket(server.url(tmp_path), login, Waits(connect=5, read=5))

        async def cut_off():
            yield b"half"
            server.end_connections()
            yield b"x" * 1_000_000

        with pytest.raises(Transient) as caught:
            await bucket.write("day/a", cut_off())
        assert caught.value.sent
        assert not (tmp_path / "day" / "a").exists()
        assert [one async for one in bucket.list()] == []
    finally:
        server.close()


async def test_a_server_that_dies_under_a_download_is_a_transient_error(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 40_000_000)
    server = SshServer()
    server.start()
    try:
        login = SftpLogin(private_key=Secret(f"file:{server.directory}/user"), host_keys=(server.host_key,))
        pieces = open_bucket(server.url(tmp_path), login, Waits(connect=5, read=5)).read("a")
        assert len(await anext(pieces)) > 0
        server.end_connections()
        with pytest.raises(Transient):
            [piece async for piece in pieces]
    finally:
        server.close()


async def test_a_server_that_stops_answering_is_given_up(tmp_path):
    server = SshServer()
    server.start()
    try:
        login = SftpLogin(private_key=Secret(f"file:{server.directory}/user"), host_keys=(server.host_key,))
        bucket = open_bucket(server.url(tmp_path), login, Waits(connect=5, read=0.5))

        async def into_a_void():
            yield b"half"
            server.stop_connections()
            yield b"x" * 30_000_000

        with pytest.raises(Transient):
            await bucket.write("a", into_a_void())
    finally:
        server.close()
