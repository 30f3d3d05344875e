from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest
from audience_gateway.plugins.configuration import (
    ConnectionConfiguration,
    CredentialConfiguration,
    DataSourceConfiguration,
)
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.registry import LoadFailure, Origin, Registered, Registry
from audience_gateway.plugins.resolution import resolve
from audience_gateway.plugins.validation import InvalidSettings
from audience_gateway.sdk import (
    Bucket,
    Codec,
    ConfigError,
    ConnectorSpec,
    Context,
    CredentialSpec,
    DataSource,
    Diagnostic,
    Normalised,
    Secret,
    Settings,
    Transient,
)

ORIGIN = Origin("shop", "gateway-shop", "1.0")


class ShopSettings(Settings):
    url: str
    password: Secret | None = None
    credentials: str = ""
    rows: int = 10


@dataclass
class Shop:
    """A connector that keeps what happened to it."""

    settings: ShopSettings
    context: Context
    events: list[str] = field(default_factory=list)

    async def open(self) -> None:
        self.events.append("open")
        if self.settings.url == "down":
            raise Transient("the shop is closed")

    async def check(self) -> Sequence[Diagnostic]:
        return []

    async def close(self) -> None:
        self.events.append("close")


class Tokens:
    client_id = "client"
    org_id = ""
    closed = 0

    async def token(self, *, refused: str | None = None) -> str:
        return "token"

    async def close(self) -> None:
        self.closed += 1


class Strategy:
    id_type = "card"
    title = "Card"
    description = "The number of a card."

    def check(self, source: DataSource) -> None:
        if source.codec is not Codec.NONE:
            raise ConfigError("found a codec, allowed: none", place=f"data_sources.{source.name}.codec")

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
        return Normalised(ids, ids)


@pytest.fixture
def shops() -> list[Shop]:
    return []


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def registry(shops: list[Shop], tokens: Tokens) -> Registry:
    def create(settings: ShopSettings, context: Context) -> Shop:
        shops.append(Shop(settings, context))
        return shops[-1]

    shop = ConnectorSpec(name="shop", summary="A shop.", connector=Shop, settings=ShopSettings, create=create)
    ticket = CredentialSpec(name="ticket", summary="Tickets.", settings=Settings, create=lambda *_: tokens)
    return Registry(
        connectors=MappingProxyType({"shop": Registered(shop, ORIGIN)}),
        reconcilers=MappingProxyType({"card": Registered(Strategy(), ORIGIN)}),
        credentials=MappingProxyType({"ticket": Registered(ticket, ORIGIN)}),
    )


def no_bucket(url: str) -> Bucket:
    raise ConfigError("there are no buckets here", place=url)


def connections(registry: Registry, *, connector: str = "shop", **settings: Any) -> Connections:
    resolved = resolve(
        registry,
        {"corner": ConnectionConfiguration(connector=connector, settings=settings)},
        {"gate": CredentialConfiguration(provider="ticket")},
        {"cards": DataSourceConfiguration(id_type="card", reconciliation_key="@card")},
    )
    return Connections(registry, resolved, no_bucket)


async def test_a_connection_is_open_until_the_block_ends(registry: Registry, shops: list[Shop]) -> None:
    async with connections(registry, url="here") as corner, corner.open("corner"):
        assert shops[0].events == ["open"]

    assert shops[0].events == ["open", "close"]


async def test_a_connection_that_does_not_open_is_closed_all_the_same(registry: Registry, shops: list[Shop]) -> None:
    async with connections(registry, url="down") as corner:
        with pytest.raises(Transient):
            async with corner.open("corner"):
                raise AssertionError("it must not be open")

    assert shops[0].events == ["open", "close"]


async def test_connectors_share_one_http_session(registry: Registry, shops: list[Shop]) -> None:
    async with connections(registry, url="here") as corner:
        async with corner.open("corner"), corner.open("corner"):
            assert shops[0].context.http is shops[1].context.http
        session = shops[0].context.http

    assert session.closed


async def test_credentials_are_made_once_and_closed_at_the_end(
    registry: Registry, shops: list[Shop], tokens: Tokens
) -> None:
    async with connections(registry, url="here") as corner, corner.open("corner"):
        context = shops[0].context
        assert context.credentials("gate") is context.credentials("gate")
        assert tokens.closed == 0

    assert tokens.closed == 1


async def test_unknown_credentials_are_named_with_those_that_there_are(registry: Registry, shops: list[Shop]) -> None:
    async with connections(registry, url="here") as corner, corner.open("corner"):
        with pytest.raises(ConfigError, match=r"credentials\.fence: .*configured are: gate"):
            shops[0].context.credentials("fence")


async def test_an_unknown_connection_is_named_with_those_that_there_are(registry: Registry) -> None:
    async with connections(registry, url="here") as corner:
        with pytest.raises(ConfigError, match=r"connections\.elsewhere: .*configured are: corner"):
            async with corner.open("elsewhere"):
                raise AssertionError("it must not be open")


def test_a_data_source_is_known_by_its_name(registry: Registry) -> None:
    source = connections(registry, url="here").data_source("cards")

    assert (source.name, source.id_type, source.reconciliation_key) == ("cards", "card", "@card")


def test_faults_of_a_connections_settings_have_path_finding_and_what_is_allowed(registry: Registry) -> None:
    with pytest.raises(InvalidSettings) as caught:
        connections(registry, ulr="here", rows="many")

    assert caught.value.problems == (
        "connections.corner.settings.url: found nothing, but this setting is required",
        "connections.corner.settings.rows: found 'many', allowed: a valid integer",
        (
            "connections.corner.settings.ulr: found a setting of unknown name, "
            "allowed: credentials, password, rows, url; did you mean `url`?"
        ),
    )


def test_a_literal_secret_is_refused_and_not_shown(registry: Registry) -> None:
    with pytest.raises(InvalidSettings) as caught:
        connections(registry, url="here", password="hunter2")

    assert "hunter2" not in str(caught.value)
    assert "allowed: env:NAME or file:/path" in str(caught.value)


def test_a_password_inside_an_address_is_not_shown(registry: Registry) -> None:
    with pytest.raises(InvalidSettings) as caught:
        connections(registry, url="here", rows="https://user:hunter2@host/")

    assert "hunter2" not in str(caught.value)


def test_an_unknown_connector_is_answered_with_those_that_there_are(registry: Registry) -> None:
    with pytest.raises(ConfigError, match=r"connections\.corner\.connector: found 'shopp', allowed: shop"):
        connections(registry, connector="shopp")


async def test_a_connection_whose_plugin_failed_to_load_does_not_stop_the_others(registry: Registry) -> None:
    failure = LoadFailure(Origin("kiosk", "gateway-kiosk", "1"), "it is broken", "Update it.")
    broken = Registry(connectors=registry.connectors, reconcilers=registry.reconcilers, failures=(failure,))
    resolved = resolve(
        broken,
        {
            "corner": ConnectionConfiguration(connector="shop", settings={"url": "here"}),
            "station": ConnectionConfiguration(connector="kiosk"),
        },
        {},
        {},
    )

    async with Connections(broken, resolved, no_bucket) as both:
        async with both.open("corner"):
            assert both.names() == ["corner", "station"]
        with pytest.raises(ConfigError, match=r"kiosk \(it is broken\)"):
            both.spec("station")


def test_a_strategy_refuses_a_data_source_at_start_up(registry: Registry) -> None:
    with pytest.raises(ConfigError, match=r"data_sources\.cards\.codec: found a codec"):
        resolve(registry, {}, {}, {"cards": DataSourceConfiguration(id_type="card", codec=Codec.MD5)})
