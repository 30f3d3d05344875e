"""The endpoint of pushes, over real sockets: acknowledged once it is kept, refused in time."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from audience_gateway.pushes.access import Doorman
from audience_gateway.pushes.intake import Gate, PushIntake
from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.sdk import ConfigError, Permanent, Push, PushAccess, PushedRow, PushFate, Secret
from audience_gateway.server.push_listener import receiving, telling
from audience_gateway.server.settings import ReceiverSettings
from audience_gateway.storage.database import connect
from audience_gateway.storage.migrate import migrate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

GOOD = "good"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Reader:
    """Takes a list of ids, all of them members of `gold`."""

    def push_access(self) -> PushAccess | None:
        return PushAccess(tokens=(Secret("env:PUSH"),), client_id="adobe", client_secrets=(Secret("env:SECRET"),))

    def read_push(self, body: bytes) -> Push:
        try:
            ids = json.loads(body)
        except ValueError:
            raise Permanent("found no list") from None
        told = {"audience": "gold", "id_kind": "email", "is_member": True, "since": NOON}
        return Push([PushedRow(id=each, **told) for each in ids], {PushFate.UNMAPPED: 1})


class Served:
    """An endpoint that is up, and who pushes to it."""

    def __init__(
        self, ledger: PushLedger, http: aiohttp.ClientSession, draining: asyncio.Event, address: str, metrics: str
    ) -> None:
        self.ledger, self.draining, self._http, self._url = ledger, draining, http, f"http://{address}"
        self._metrics = metrics

    async def push(self, body: object, token: str = GOOD, to: str = "/pushes/rtcdp"):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._http.post(self._url + to, data=data, headers=headers) as response:
            return response.status, await response.json(), response.headers

    async def ask(self, form: dict[str, str], **headers: str):
        async with self._http.post(f"{self._url}/pushes/rtcdp/token", data=form, headers=headers) as response:
            return response.status, await response.json()

    async def metrics(self) -> dict[str, int]:
        """What is told of pushes, without what is 0."""
        async with self._http.get(f"http://{self._metrics}/metrics") as response:
            assert response.content_type == "text/plain"
            lines = (await response.text()).splitlines()
        told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name.removeprefix("audience_gateway_"): int(value) for name, value in told.items() if value != "0"}

    async def health(self) -> int:
        async with self._http.get(f"{self._url}/health") as response:
            return response.status


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setenv("PUSH", "good")
    monkeypatch.setenv("SECRET", "a secret")
    database = connect(f"sqlite:///{tmp_path / 'gateway.db'}?timeout=0.05")
    migrate(database)
    ledger, draining, reader = PushLedger(database), asyncio.Event(), Reader()
    gate = Gate(reader, Doorman("rtcdp", reader.push_access() or PushAccess(), lambda: datetime.now(UTC)))
    settings = ReceiverSettings(address="127.0.0.1:0", seconds=0.3, most_bytes=2048, metrics_address="127.0.0.1:0")
    intake = PushIntake({"rtcdp": gate}, ledger, settings.seconds)
    async with (
        receiving(intake, settings, draining) as address,
        telling(intake, settings) as metrics,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        yield Served(ledger, http, draining, address, metrics)
    await asyncio.to_thread(intake.close)
    database.dispose()


async def test_what_is_acknowledged_is_kept_and_sent_again_changes_nothing(served: Served) -> None:
    assert (await served.push(["ada", "bob"]))[:2] == (200, {"rows": {"stored": 2, "unmapped": 1}})
    assert (await served.push(["ada", "bob"]))[:2] == (200, {"rows": {"duplicate": 2, "unmapped": 1}})
    assert sorted(served.ledger.page("rtcdp", "gold", "email", "", 10).ids.to_pylist()) == ["ada", "bob"]


@pytest.mark.parametrize("token", ["", "bad", "good "[:-2]])
async def test_without_a_good_token_nothing_is_read(served: Served, token: str) -> None:
    status, _, headers = await served.push(["ada"], token)
    assert (status, headers["WWW-Authenticate"].split()[0]) == (401, "Bearer")
    assert sum(served.ledger.counts("rtcdp").values()) == 0


async def test_a_body_that_is_none_is_told_and_counts_as_a_malformed_row(served: Served) -> None:
    assert (await served.push(b"<xml/>"))[:2] == (400, {"error": "found no list"})
    assert served.ledger.counts("rtcdp")[PushFate.MALFORMED] == 1


async def test_what_nobody_has_foreseen_shows_no_id(
    served: Served, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with served.ledger._engine.begin() as database:
        database.exec_driver_sql("DROP TABLE gateway_pushed")
    assert (await served.push(["ada@example.org"]))[:2] == (500, {"error": "not kept"})
    assert "ada@example.org" not in caplog.text + "".join(capsys.readouterr())


async def test_where_nobody_takes_pushes_and_what_is_too_large(served: Served) -> None:
    assert (await served.push([], to="/pushes/campaign"))[0] == 404
    status, said, _ = await served.push(b" " * 3000)
    assert (status, said) == (413, {"error": "the body is larger than 2048 bytes"})


async def test_what_cannot_be_kept_in_time_is_to_be_sent_again(served: Served) -> None:
    with served.ledger._engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        began = time.monotonic()
        status, _, headers = await served.push(["ada"])
        assert (status, headers["Retry-After"]) == (503, "1")
        assert time.monotonic() - began < 2
        other.rollback()
    assert (await served.push(["ada"]))[0] == 200


async def test_metrics_tell_how_many_pushes_ended_how_and_what_became_of_their_rows(served: Served) -> None:
    await served.push(["ada", "bob"])
    await served.push(["ada"])
    await served.push(["ada"], "bad")
    await served.push(b"<xml/>")
    await served.push(b" " * 3000)
    await served.push([], to="/pushes/campaign")
    with served.ledger._engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        await served.push(["ada"])
        other.rollback()
    served.draining.set()
    await served.push(["ada"])
    assert await served.metrics() == {
        'pushes_total{connection="rtcdp",end="kept"}': 2,
        'pushes_total{connection="rtcdp",end="no_token"}': 1,
        'pushes_total{connection="rtcdp",end="no_push"}': 1,
        'pushes_total{connection="rtcdp",end="too_large"}': 1,
        'pushes_total{connection="rtcdp",end="not_in_time"}': 1,
        'pushes_total{connection="rtcdp",end="ending"}': 1,
        'pushed_rows_total{connection="rtcdp",fate="stored"}': 2,
        'pushed_rows_total{connection="rtcdp",fate="duplicate"}': 1,
        'pushed_rows_total{connection="rtcdp",fate="unmapped"}': 2,
        'pushed_rows_total{connection="rtcdp",fate="malformed"}': 1,
        "pushes_astray_total": 1,
    }


async def test_what_nobody_has_foreseen_is_counted_as_failed(served: Served) -> None:
    with served.ledger._engine.begin() as database:
        database.exec_driver_sql("DROP TABLE gateway_pushed")
    await served.push(["ada"])
    assert await served.metrics() == {'pushes_total{connection="rtcdp",end="failed"}': 1}


async def test_a_gateway_that_ends_takes_no_more(served: Served) -> None:
    assert await served.health() == 200
    served.draining.set()
    assert (await served.push(["ada"]))[0] == 503
    assert await served.health() == 503


@pytest.mark.parametrize("basic", [True, False])
async def test_the_client_gets_a_token_by_which_it_pushes(served: Served, *, basic: bool) -> None:
    form = {"grant_type": "client_credentials"}
    client = {"client_id": "adobe", "client_secret": "a secret"}
    headers = {"Authorization": aiohttp.encode_basic_auth("adobe", "a secret")} if basic else {}
    status, said = await served.ask(form if basic else form | client, **headers)
    assert (status, said["token_type"], said["expires_in"]) == (200, "Bearer", 3600)
    assert (await served.push(["ada"], said["access_token"]))[0] == 200


async def test_a_client_that_is_not_known_gets_none(served: Served) -> None:
    refused = {"grant_type": "client_credentials", "client_id": "adobe", "client_secret": "wrong"}
    assert await served.ask(refused) == (401, {"error": "invalid_client"})
    assert await served.ask({"grant_type": "password"}) == (400, {"error": "unsupported_grant_type"})


async def test_a_connection_that_takes_pushes_needs_an_address() -> None:
    intake = PushIntake({"rtcdp": Gate(Reader(), Doorman("rtcdp", PushAccess(), lambda: NOON))}, None, 1)
    with pytest.raises(ConfigError, match="`rtcdp` takes pushes, and there is no address"):
        async with receiving(intake, ReceiverSettings(), asyncio.Event()):
            pass
    intake.close()


async def test_with_certificates_of_clients_only_those_may_connect(tmp_path: Path) -> None:
    authority, key, certificate = tmp_path / "ca.pem", tmp_path / "server.key", tmp_path / "server.pem"
    made = certified("127.0.0.1")
    certificate.write_bytes(made[0])
    key.write_bytes(made[1])
    authority.write_bytes(made[0])  # it vouches for itself, and so is a good client, too
    settings = ReceiverSettings(address="127.0.0.1:0", certificate=certificate, key=key, client_ca=authority)
    intake = PushIntake({"rtcdp": Gate(Reader(), Doorman("rtcdp", PushAccess(anyone=True), lambda: NOON))}, None, 1)
    trusting = ssl.create_default_context(cafile=authority)
    async with receiving(intake, settings, asyncio.Event()) as address, aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"https://{address}/health", ssl=trusting)
        trusting.load_cert_chain(certificate, key)
        async with http.get(f"https://{address}/health", ssl=trusting) as response:
            assert response.status == 200
    intake.close()


def certified(host: str) -> tuple[bytes, bytes]:
    """A certificate of its own for an address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    pem = serialization.Encoding.PEM
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.sign(key, hashes.SHA256()).public_bytes(pem), written


async def test_a_certificate_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    files = {"certificate": tmp_path / "no.pem", "key": tmp_path / "no.key"}
    intake = PushIntake({"rtcdp": Gate(Reader(), Doorman("rtcdp", PushAccess(), lambda: NOON))}, None, 1)
    with pytest.raises(ConfigError, match="cannot be read"):
        async with receiving(intake, ReceiverSettings(address="127.0.0.1:0", **files), asyncio.Event()):
            pass
    intake.close()


def test_a_certificate_goes_with_its_key() -> None:
    with pytest.raises(ValidationError, match="belong together"):
        ReceiverSettings(certificate="x.pem")
