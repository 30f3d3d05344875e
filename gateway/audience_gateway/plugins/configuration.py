"""The part of the settings file that configures plugins: connections, credentials, data sources."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field, StringConstraints

from audience_gateway.plugins.throttle import Limits
from audience_gateway.sdk import CandidatePolicy, Codec, DataSource, KeyForm, Secret, Settings, TextForm

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""Name of a connection or data source: lower-case letters, digits and dashes, as it stands in resource names."""

PluginSettings: TypeAlias = dict[str, Any]
"""Settings that the plugin's own model checks."""


class LimitConfiguration(Settings):
    """How much one process asks of a connection at a time."""

    transfers: int = Field(4, ge=1, description="Transfers to this connection at a time.")
    concurrency: int = Field(
        4, ge=1, description="Calls at a time; fewer for a while when the system asks to slow down."
    )
    calls_per_second: float = Field(0.0, ge=0, description="Pace at which calls begin; 0 for no limit.")
    longest_pause_seconds: float = Field(
        600.0, gt=0, le=600, description="Longest pause when the system asks to slow down, whatever it asks for."
    )

    @property
    def of_calls(self) -> Limits:
        """The limits of calls."""
        return Limits(
            concurrency=self.concurrency,
            calls_per_second=self.calls_per_second,
            longest_pause=self.longest_pause_seconds,
        )


class HttpConfiguration(Settings):
    """How long the gateway waits for a connected system on the wire, so that no call waits for ever."""

    connect_seconds: float = Field(10.0, gt=0, description="Longest wait for a connection, its encryption included.")
    read_seconds: float = Field(60.0, gt=0, description="Longest silence of a system that has been asked something.")
    call_seconds: float = Field(600.0, gt=0, description="Longest time of one call in all.")


class ConnectionConfiguration(Settings):
    """One configured instance of a connector."""

    connector: str = Field(description="Name of the connector, as `connectors list` shows it.")
    settings: PluginSettings = Field(default_factory=dict, description="Settings of the connector.")
    limits: LimitConfiguration = Field(LimitConfiguration(), description="How much is asked of it at a time.")


class CredentialConfiguration(Settings):
    """Credentials that connections refer to by name."""

    provider: str = Field(description="Kind of credentials, e.g. `ims`.")
    settings: PluginSettings = Field(default_factory=dict, description="Settings of the provider.")


class DataSourceConfiguration(Settings):
    """How ids of one id type reconcile with records: Campaign's "AMC Data source"."""

    id_type: str = Field(description="Id type of the ids, e.g. `visitor_id`.")
    title: str = Field("", description="What people call it.")
    targeting_dimension: str = Field("nms:recipient", description="Kind of record that the ids reconcile with.")
    reconciliation_key: str = Field("", description="Attribute of the record that holds the id, e.g. `@email`.")
    aam_data_source_id: int = Field(0, ge=0, description="Audience Manager data source id; 0 if none.")
    aam_destination_id: int = Field(0, ge=0, description="Audience Manager destination id; 0 if none.")
    codec: Codec = Field(Codec.NONE, description="How ids are encoded outside Campaign.")
    recipe: str = Field("trim", description="Normalisation recipe that is applied before the codec.")
    policy: CandidatePolicy = Field(CandidatePolicy.ALL, description="What to do with an id that hits several records.")
    expire_days: float = Field(
        0.0, ge=0, description="After so many days a record no longer counts as seen with an id; 0 for never."
    )
    key: Secret | None = Field(None, description="Key of the codecs `hmac-sha256` and `aes-cbc`.")
    iv: Secret | None = Field(None, description="Initialisation vector of `aes-cbc`, 16 bytes.")
    key_form: KeyForm = Field(KeyForm.HEX, description="How key and initialisation vector are written.")
    text_form: TextForm = Field(TextForm.HEX, description="How `aes-cbc` writes ids.")
    pre_encoded: bool = Field(
        False, description="Whether records and files hold the ids encoded already, and not in clear."
    )
    clear_digests: bool = Field(
        False, description="Whether ids in clear may look like digests; otherwise they count as encoded twice."
    )
    personal_data: bool = Field(
        False, description="Whether ids in clear may be e-mail addresses or phone numbers, whatever the recipe."
    )
    purposes: tuple[Name, ...] = Field(
        (),
        description="What its ids are shared for, e.g. `marketing`: an id suppressed for others only is shared. "
        "Empty: for any purpose, so that an id that is suppressed for one is left out.",
    )

    def named(self, name: str) -> DataSource:
        """The data source under its name."""
        return DataSource(name=name, **dict(self))


class PluginConfiguration(Settings):
    """Which plugins are loaded."""

    block: tuple[str, ...] = Field((), description="Names of plugins that are not even imported.")
