from __future__ import annotations

from pathlib import Path

import pytest
from audience_gateway.plugins.validation import InvalidSettings
from audience_gateway.sdk import ConfigError
from audience_gateway.server.settings import load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def problems(file: Path, text: str) -> tuple[str, ...]:
    file.write_text(text)
    with pytest.raises(InvalidSettings) as caught:
        load(file)
    return caught.value.problems


def test_an_empty_file_takes_every_default(file: Path) -> None:
    file.write_text("")

    settings = load(file)

    assert settings.server.address == "127.0.0.1:50051"
    assert settings.transfers.guard.removed_rows == 1000


def test_connections_and_data_sources_are_read_by_name(file: Path) -> None:
    file.write_text("""
        [connections.campaign]
        connector = "campaign"
        settings.url = "http://127.0.0.1:8080"
        [data_sources.visitor-id]
        id_type = "visitor_id"
        policy = "latest"
    """)

    settings = load(file)

    assert settings.connections["campaign"].settings == {"url": "http://127.0.0.1:8080"}
    assert settings.data_sources["visitor-id"].named("visitor-id").policy.value == "latest"


def test_the_environment_goes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[server]\naddress = "127.0.0.1:1"\ndrain_seconds = 5\n')
    monkeypatch.setenv("AUDIENCE_GATEWAY__SERVER__ADDRESS", "127.0.0.1:2")

    settings = load(file)

    assert (settings.server.address, settings.server.drain_seconds) == ("127.0.0.1:2", 5)


def test_the_environment_reaches_settings_of_a_connection(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[connections.campaign]\nconnector = "campaign"\nsettings.url = "http://a"\n')
    monkeypatch.setenv("AUDIENCE_GATEWAY__CONNECTIONS__CAMPAIGN__SETTINGS__URL", "http://b")

    assert load(file).connections["campaign"].settings == {"url": "http://b"}


def test_a_misspelt_setting_in_the_environment_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIENCE_GATEWAY__SEVER__ADDRESS", "127.0.0.1:2")

    (problem,) = problems(file, "")

    assert problem.startswith("sever: found a setting of unknown name")
    assert problem.endswith("did you mean `server`?")


def test_every_fault_is_named_with_its_path(file: Path) -> None:
    found = problems(
        file,
        """
        [server]
        adress = "127.0.0.1:1"
        [transfers]
        threads = 0
        guard.removed_share = 1.5
        [connections.Campaign]
        connector = "campaign"
        [data_sources.mail]
        codec = "sha512"
        """,
    )

    assert found == (
        "server.adress: found a setting of unknown name, allowed: address, drain_seconds; did you mean `address`?",
        "transfers.threads: found 0, allowed: greater than or equal to 1",
        "transfers.guard.removed_share: found 1.5, allowed: less than or equal to 1",
        "connections.Campaign: found 'Campaign', allowed: match pattern '^[a-z][a-z0-9-]{0,62}$'",
        "data_sources.mail.id_type: found nothing, but this setting is required",
        "data_sources.mail.codec: found 'sha512', allowed: 'none', 'md5', 'sha1', 'sha256', 'hmac-sha256' or 'aes-cbc'",
    )


def test_a_file_that_is_no_toml_is_answered_with_the_line(file: Path) -> None:
    file.write_text("[server\n")

    with pytest.raises(ConfigError, match=r"gateway\.toml: not a TOML file: .*line 1"):
        load(file)


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"gateway\.toml: the settings file cannot be read: No such file"):
        load(file)
