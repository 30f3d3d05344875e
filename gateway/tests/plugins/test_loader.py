from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.registry import Origin, Registry
from audience_gateway.sdk import Event, EventKind
from distributions import entry_points, install

CONNECTOR = """
from audience_gateway.sdk import ConnectorSpec, Settings, hookimpl

class Thing:
    async def open(self): ...
    async def check(self): return []
    async def close(self): ...

@hookimpl
def register_connectors(registry):
    registry.add_connector(ConnectorSpec(
        name="{name}", summary="A thing.", connector=Thing, settings=Settings,
        create=lambda settings, context: Thing(), contract_version={contract}))
"""


def connector(name: str, contract: int = 1) -> str:
    return CONNECTOR.format(name=name, contract=contract)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def failure(registry: Registry, plugin: str) -> tuple[str, str]:
    (found,) = [one for one in registry.failures if one.origin.plugin == plugin]
    return found.message, found.remedy


def test_a_plugin_is_registered_with_its_distribution_and_version(site: Path) -> None:
    install(site, "shop", connector("shop"), distribution="gateway-shop", version="2.3")

    registry = load(entry_points(site))

    assert registry.connectors["shop"].origin == Origin("shop", "gateway-shop", "2.3")
    assert registry.failures == ()


def test_a_plugin_that_cannot_be_imported_leaves_the_others_alone(site: Path) -> None:
    install(site, "broken", "import a_module_that_nobody_has")
    install(site, "shop", connector("shop"))

    registry = load(entry_points(site))

    assert list(registry.connectors) == ["shop"]
    message, remedy = failure(registry, "broken")
    assert "No module named 'a_module_that_nobody_has'" in message
    assert "gateway-broken" in remedy


def test_a_plugin_that_ends_the_interpreter_is_contained(site: Path) -> None:
    install(site, "quitter", "raise SystemExit('bye')")

    message, _ = failure(load(entry_points(site)), "quitter")

    assert message == "loading `gateway_quitter_plugin` failed with SystemExit"


def test_the_text_of_an_unexpected_error_is_not_passed_on(site: Path) -> None:
    install(site, "leaky", "raise ValueError('password hunter2')")

    message, remedy = failure(load(entry_points(site)), "leaky")

    assert "ValueError" in message
    assert "hunter2" not in message + remedy


def test_a_name_that_is_taken_names_both_distributions(site: Path) -> None:
    install(site, "one", connector("shop"), distribution="first-shop")
    install(site, "two", connector("shop"), distribution="second-shop")

    registry = load(entry_points(site))

    assert registry.connectors["shop"].origin.distribution == "first-shop"
    message, remedy = failure(registry, "two")
    assert "first-shop 1.0" in message
    assert "second-shop 1.0" in message
    assert "plugins.block" in remedy


def test_a_plugin_that_clashes_registers_nothing_at_all(site: Path) -> None:
    install(site, "one", connector("shop"), distribution="first-shop")
    greedy = connector("till") + connector("shop").replace("def register", "def other").split("@hookimpl")[1]
    greedy += "\n@hookimpl\ndef register_reconcilers(registry):\n    other_connectors(registry)\n"
    install(site, "two", greedy, distribution="second-shop")

    registry = load(entry_points(site))

    assert list(registry.connectors) == ["shop"]


def test_a_misspelt_hook_is_named(site: Path) -> None:
    install(site, "typo", connector("shop").replace("def register_connectors", "def register_conectors"))

    message, _ = failure(load(entry_points(site)), "typo")

    assert message == "unknown hook 'register_conectors'"


def test_a_hook_with_arguments_that_it_does_not_have_is_named(site: Path) -> None:
    install(site, "odd", connector("shop").replace("(registry)", "(registrar)", 1))

    message, _ = failure(load(entry_points(site)), "odd")

    assert "'registrar'" in message


def test_another_contract_version_is_refused_with_both_versions(site: Path) -> None:
    install(site, "future", connector("shop", contract=99))

    message, remedy = failure(load(entry_points(site)), "future")

    assert "contract version 99, this gateway has version 1" in message
    assert "gateway-future" in remedy


def test_a_blocked_plugin_is_not_even_imported(site: Path) -> None:
    install(site, "quitter", "raise SystemExit('bye')")

    registry = load(entry_points(site), block=["quitter"])

    assert registry.failures == ()
    assert "gateway_quitter_plugin" not in sys.modules


def test_an_observer_that_raises_hides_nothing_from_the_next(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    observer = "from audience_gateway.sdk import hookimpl\n@hookimpl\ndef observe(event):\n    {body}\n"
    install(site, "a", observer.format(body="raise ValueError('secret text')"))
    install(site, "b", observer.format(body="print('saw', event.kind)"))

    load(entry_points(site)).notify(Event(EventKind.GATEWAY_STARTED, "127.0.0.1:1", datetime.now(UTC)))

    printed = capsys.readouterr().out
    assert "saw gateway_started" in printed
    assert "secret text" not in printed


def test_the_plugins_of_this_workspace_come_by_the_same_path_as_all_others() -> None:
    names = {point.name for point in installed()}

    assert {"ims", "campaign", "people", "files", "visitor_id", "declared_id"} <= names
