"""How an SFTP account is logged in to, and how its host is known to be the right one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from audience_gateway.sdk.errors import ConfigError
from audience_gateway.storage.bucket_credentials import SftpLogin

if TYPE_CHECKING:
    from audience_gateway.storage.object_stores import Waits

_ACCOUNTS_KNOWN_HOSTS = Path("~/.ssh/known_hosts")
_NONE_KNOWN = b"\n"  # an empty one stands for the default


def ssh_options(login: SftpLogin | None, user: str, waits: Waits) -> asyncssh.SSHClientConnectionOptions:
    """The options of a connection; secrets are fetched anew.

    Without a login these are the agent, the keys and the known hosts of the gateway's account. No other configuration
    of the account counts. Raises ConfigError for a secret or a key that cannot be read.
    """
    common = asyncssh.SSHClientConnectionOptions(
        config=None,
        username=user,
        known_hosts=_known_hosts(login),
        connect_timeout=waits.connect,
        login_timeout=waits.connect,
        keepalive_interval=waits.read,
    )
    if login is None:
        return common
    return asyncssh.SSHClientConnectionOptions(
        common,
        agent_path=None,
        client_keys=[_key(login)] if login.private_key else None,
        password=login.password.reveal() if login.password else None,
    )


def _known_hosts(login: SftpLogin | None) -> str | bytes | None:
    if login is not None and not login.check_host_key:
        return None
    if login is not None and login.host_keys:
        return "".join(f"* {key}\n" for key in login.host_keys).encode()
    if login is not None and login.known_hosts:
        return str(login.known_hosts)
    file = _ACCOUNTS_KNOWN_HOSTS.expanduser()
    return str(file) if file.is_file() else _NONE_KNOWN


def _key(login: SftpLogin) -> asyncssh.SSHKey:
    text = login.private_key.reveal() if login.private_key else ""
    passphrase = login.passphrase.reveal() if login.passphrase else None
    try:
        return asyncssh.import_private_key(f"{text}\n", passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise ConfigError(
            "the private key cannot be read",
            place="private_key",
            remedy="Give a key in OpenSSH's or PEM form, and its `passphrase` if it has one.",
        ) from error
