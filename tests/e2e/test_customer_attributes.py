"""Customer attributes out of a file, by SFTP into the account of an attribute source, and processed there."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Gateway, Systems
from tests.sshd import SshServer

SETTINGS = """
[credentials.adobe-sftp]
provider = "sftp"
[credentials.adobe-sftp.settings]
private_key = "file:{server.directory}/user"
host_keys = ["{server.host_key}"]

[connections.attributes]
connector = "customer_attributes"
[connections.attributes.settings]
bucket = "{server_url}"
bucket_credentials = "adobe-sftp"
alias_id = "loyalty-{name}"
attributes = {{ tier = {{}}, points = {{ type = "integer" }} }}
"""
FILES = """
[data_sources.customer-id]
id_type = "declared_id"
reconciliation_key = "@externalId"

[connections.files]
"""


class Account:
    """An attribute source of the sandbox."""

    def __init__(self, systems: Systems, alias_id: str) -> None:
        self._systems = systems
        self._alias_id = alias_id
        self.path = Path(self.call("", {"alias_id": alias_id})["account"].removeprefix("file://"))

    def call(self, path: str, body: object = None) -> Mapping[str, Any]:
        """Asks the sandbox, or tells it something."""
        address = f"{self._systems.ready['admin']['url']}/sandbox/customer-attributes{path}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(address, data)) as answer:
            return dict(json.loads(answer.read()))

    def hours_pass(self) -> None:
        """Lets all that waits be processed."""
        address = f"{self._systems.ready['admin']['url']}/sandbox/clock"
        urllib.request.urlopen(urllib.request.Request(address, b'{"advance_seconds": 7200}')).close()

    @property
    def page(self) -> Mapping[str, Any]:
        """What the source's page shows."""
        return self.call(f"/{self._alias_id}")

    def customer(self, customer_id: str) -> Mapping[str, str]:
        """The attributes of a customer."""
        return dict(self.call(f"/{self._alias_id}/customers/{customer_id}")["attributes"])


@pytest.fixture
def account(systems: Systems, tmp_path: Path) -> Account:
    return Account(systems, f"loyalty-{tmp_path.name.replace('_', '-')}")


@pytest.fixture
def sharing(gateway: Gateway, account: Account, ssh_server: SshServer) -> Iterator[Gateway]:
    name = account.path.name.removeprefix("loyalty-")
    settings = SETTINGS.format(server=ssh_server, server_url=ssh_server.url(account.path), name=name)
    gateway.start(**{"[connections.files]\n": settings + FILES, "personalEmail_address": "customer"})
    yield gateway
    assert gateway.end() == 0


def write(gateway: Gateway, *lines: str) -> None:
    (gateway.state / "lists" / "crm.csv").write_text("\n".join(["customer,tier,points,ignored", *lines]) + "\n")


def share(gateway: Gateway, account: Account) -> Mapping[str, int]:
    receipt = gateway.receipt("files/crm.csv", f"attributes/{account.path.name}", "--data-source", "customer-id")
    return {name: rows for name, rows in receipt["outcomes"].items() if rows}


def test_customers_arrive_with_their_attributes_and_every_row_has_an_outcome(sharing, account):
    write(sharing, 'c-1,"gold, ""honorary""",7,x', "c-2,,,x", "c-3,silver,many,x", "c-1,bronze,1,x", "not-set,a,1,x")
    assert share(sharing, account) == {"delivered": 2, "rejected": 2, "duplicate": 1}
    account.hours_pass()
    [file] = account.page["files"]
    assert (file["state"], file["records"], file["new"]) == ("processed", 2, 2)
    assert account.page["columns"] == ["id", "tier", "points"]
    assert account.customer("c-1") == {"tier": 'gold, "honorary"', "points": "7"}
    assert account.customer("c-2") == {"tier": "", "points": ""}


def test_only_those_who_changed_are_uploaded_again(sharing, account):
    write(sharing, "c-1,gold,7,x", "c-2,silver,3,x")
    share(sharing, account)
    account.hours_pass()
    write(sharing, "c-1,gold,8,x", "c-2,silver,3,y")
    assert share(sharing, account) == {"delivered": 1, "unchanged": 1}
    account.hours_pass()
    assert [file["records"] for file in account.page["files"]] == [2, 1]
    assert account.customer("c-1") == {"tier": "gold", "points": "8"}


def test_a_share_does_not_overtake_one_that_waits(sharing, account):
    write(sharing, "c-1,gold,7,x")
    share(sharing, account)
    write(sharing, "c-1,gold,8,x")
    early = sharing.cli("share", "files/crm.csv", f"attributes/{account.path.name}", "--data-source", "customer-id")
    account.hours_pass()
    assert early.returncode != 0
    assert share(sharing, account) == {"delivered": 1}
    account.hours_pass()
    assert account.customer("c-1") == {"tier": "gold", "points": "8"}


def test_a_column_that_is_missing_is_told_of_before_anything_is_read(sharing, account):
    (sharing.state / "lists" / "crm.csv").write_text("customer,tier\nc-1,gold\n")
    shared = sharing.cli("share", "files/crm.csv", f"attributes/{account.path.name}", "--data-source", "customer-id")
    assert shared.returncode != 0
    assert "no column `points`" in shared.stdout + shared.stderr
    assert list(account.path.iterdir()) == []


def test_a_source_of_other_columns_is_told_of(sharing, account):
    (account.path / "first.csv").write_text("id,tier\nc-1,gold\n")
    (account.path / "first.fin").touch()
    account.hours_pass()
    write(sharing, "c-1,gold,7,x")
    checked = sharing.cli("connections", "check", "attributes", "--json")
    shared = sharing.cli("share", "files/crm.csv", f"attributes/{account.path.name}", "--data-source", "customer-id")
    assert "first.csv was processed with 2 columns" in checked.stdout
    assert shared.returncode != 0
    assert sorted(path.name for path in account.path.iterdir()) == ["processed"]
