"""Settings of the gateway: a TOML file, overridden by environment variables."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from audience_gateway.api.rights import Caller, Right
from audience_gateway.plugins.configuration import (
    ConnectionConfiguration,
    CredentialConfiguration,
    DataSourceConfiguration,
    HttpConfiguration,
    Name,
    PluginConfiguration,
)
from audience_gateway.plugins.validation import InvalidSettings, problems
from audience_gateway.sdk import ConfigError, Secret, Settings

_PREFIX = "AUDIENCE_GATEWAY__"


class ServerSettings(Settings):
    """Where and how the server listens."""

    address: str = Field(
        "127.0.0.1:50051", pattern=r"^.+:\d{1,5}$", description="Host and port; port 0 takes a free one."
    )
    drain_seconds: float = Field(30.0, ge=0, description="How long calls may go on after SIGTERM or SIGINT.")


class StorageSettings(Settings):
    """Where the gateway keeps what outlives a call."""

    state: Path = Field(
        Path("build/state"), description="Directory of workspaces and snapshots; all replicas have to see the same."
    )
    database: Secret | None = Field(
        None,
        description="Address of the PostgreSQL database of ledger and jobs, which several replicas need; "
        "without one they are in a SQLite file in the state directory, for one process.",
    )


class GuardSettings(Settings):
    """A transfer with removals above both of the first limits is withheld, and one that is beyond another limit."""

    removed_rows: int = Field(1000, ge=0, description="Removals up to this number are never held back.")
    removed_share: float = Field(
        0.2, ge=0, le=1, description="Removals up to this share of the last snapshot are never held back."
    )
    match_points: float = Field(
        20.0,
        ge=0,
        le=100,
        description="By so many points the match rate may fall from one share of a source to the next.",
    )
    match_rows: int = Field(1000, ge=0, description="Match rates of fewer valid rows are not compared.")
    stale_hours: float = Field(
        0.0, ge=0, description="How long ago the source may have been refreshed; 0 for any time."
    )


class SparkSettings(Settings):
    """The Spark that finds records, if `transfers.join` says so."""

    master: str = Field(
        "local[*]",
        min_length=1,
        description="Address of the cluster, e.g. `spark://host:7077`; `local[2]` is two threads of this machine.",
    )
    options: dict[str, str] = Field(
        {}, description='Properties of Spark, e.g. `"spark.driver.memory" = "4g"`; they go before the gateway\'s own.'
    )


class TransferSettings(Settings):
    """How transfers run."""

    chunk_rows: int = Field(300_000, ge=1, description="Rows of a chunk while reading and normalising.")
    deliver_rows: int = Field(10_000, ge=1, description="Members of a chunk while delivering.")
    partition_rows: int = Field(
        3_000_000, ge=1, description="Rows, or records, that are reconciled at a time, about; more go by partitions."
    )
    concurrency: int = Field(4, ge=1, description="Transfers that work on their files at a time, in one process.")
    lease_seconds: float = Field(
        10.0, ge=1, le=60, description="After this time without a sign of life, a replica's transfers go to others."
    )
    memory_limit: str = Field("512MB", pattern=r"^\d+(MB|GB)$", description="Memory of one query; more is spilled.")
    threads: int = Field(2, ge=1, description="Threads of one query.")
    attempts: int = Field(4, ge=1, description="Attempts of a step when a connected system fails in passing.")
    patience_seconds: float = Field(
        1800.0, ge=0, description="How long a step is tried again because a connected system asks to slow down."
    )
    index_seconds: float = Field(
        900.0,
        ge=0,
        description="How long ReconcileIdentities, ExplainIdentity and GetMatchReport use an index they have read.",
    )
    match_sample_rows: int = Field(
        10_000,
        ge=0,
        le=1_000_000,
        description="Rows without a match that GetMatchReport tries otherwise; 0 tries none.",
    )
    withheld_days: float = Field(
        7.0, gt=0, le=365, description="How long a transfer that is withheld waits to be released."
    )
    join: Literal["duckdb", "spark"] = Field(
        "duckdb", description="What finds the records that ids stand for; `spark` asks for `audience-gateway[spark]`."
    )
    spark: SparkSettings = Field(SparkSettings(), description="The Spark that does, if `join` is `spark`.")
    guard: GuardSettings = Field(GuardSettings(), description="Limits above which a transfer is withheld.")


class IndexSettings(Settings):
    """Identity indexes: which record of a connection has which id. They are kept from one transfer to the next."""

    fresh_seconds: float = Field(
        0.0,
        ge=0,
        description="How long transfers use an index without asking the connection what has changed; 0 asks each time.",
    )
    rebuild_hours: float = Field(
        24.0,
        ge=0,
        description="After this time an index is read anew where the connector cannot see all changes, as of records "
        "that were deleted; 0 reads it anew each time.",
    )
    shrunk_rows: int = Field(
        1000, ge=0, description="An index that has lost up to so many entries, and has any left, is put to use."
    )
    shrunk_share: float = Field(
        0.2,
        ge=0,
        le=1,
        description="One that has lost up to this share of its entries is, too. Any other is held back: its transfer "
        "is withheld until somebody releases it, and the one before stays.",
    )
    many_people: int = Field(
        500, ge=1, description="Ids that more records have are pointed out by ExplainIdentity and GetMatchReport."
    )
    too_many_people: int = Field(
        10_000, ge=1, description="Ids that more records have match nobody; their rows end as `crowded_id`."
    )


class ArrivalSettings(Settings):
    """How deliveries are followed after their transfers have ended, where a system takes hours or days to use them."""

    poll_seconds: float = Field(900.0, ge=1, description="From one time that a delivery is asked about to the next.")
    answer_seconds: float = Field(300.0, gt=0, description="How long a connector may take to answer.")
    give_up_hours: float = Field(
        168.0, ge=0, description="How long a delivery is still asked about after its last stage was due."
    )


class StreamSettings(Settings):
    """How members come in by WriteMembers."""

    window: int = Field(8, ge=1, le=64, description="Chunks of a stream that may be sent and not yet acknowledged.")
    chunk_rows: int = Field(131_072, ge=1, le=1_000_000, description="Rows that a chunk may have.")


class RetentionSettings(Settings):
    """How long things are kept, from their end on."""

    rows_days: float = Field(30.0, gt=0, description="Rows and outcomes of a transfer, which hold ids of people.")
    history_days: float = Field(365.0, gt=0, description="Transfers and their receipts, which hold none.")
    request_hours: float = Field(48.0, ge=24, description="First answers of requests that carried a request id.")
    stream_hours: float = Field(24.0, gt=0, description="Streams of members that nobody ended or went on with.")


class ReceiverSettings(Settings):
    """Where systems push members to, by HTTP; only for connections that take pushes."""

    address: str = Field(
        "", pattern=r"^(.+:\d{1,5})?$", description="Host and port; port 0 takes a free one. Empty: nobody can push."
    )
    certificate: Path | None = Field(None, description="Certificates as PEM; without them the address speaks no TLS.")
    key: Path | None = Field(None, description="Private key of the certificate as PEM.")
    client_ca: Path | None = Field(
        None, description="Certificates as PEM; only clients that one of them vouches for may connect."
    )
    seconds: float = Field(
        1.5, gt=0, description="Within this time a push is kept or refused; Experience Platform waits for 2 seconds."
    )
    most_bytes: int = Field(4 * 1024 * 1024, ge=1024, description="Size of a push.")
    metrics_address: str = Field(
        "",
        pattern=r"^(.+:\d{1,5})?$",
        description="Host and port, without TLS, that answer `/metrics` in the format of Prometheus: how many pushes "
        "were received, and how they ended; for the host itself or a network of one's own. Empty: nothing does.",
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None) or (self.client_ca and not self.certificate):
            raise ValueError("`certificate` and `key` belong together, and `client_ca` needs both")
        return self


class ReceiptSettings(Settings):
    """How receipts are signed."""

    signing_key: Secret | None = Field(
        None,
        description="Private key of Ed25519 as PEM; without one the gateway makes its own and keeps it in the state "
        "directory.",
    )


class CallerSettings(Settings):
    """Somebody who may do more than everybody, known by a token."""

    token: Secret = Field(description="What its calls carry as `authorization: Bearer TOKEN`.")
    rights: tuple[Right, ...] = Field(
        (),
        description="What it may do: `reveal_ids`, see ids of rows instead of fingerprints, each time is logged; "
        "`create_records`, have records created for ids that the destination does not know.",
    )

    def named(self, name: str) -> Caller:
        """The caller under its name."""
        return Caller(name, self.token, frozenset(self.rights))


class ErasureSettings(Settings):
    """How erasures are tried where a system is not to be had."""

    retry_seconds: float = Field(
        30.0, ge=1, description="From a first attempt that failed to the second; doubled before each further one."
    )
    longest_hours: float = Field(6.0, gt=0, description="From one attempt to the next at most.")
    give_up_days: float = Field(30.0, gt=0, description="How long an erasure is tried in one place.")


class GatewaySettings(BaseSettings):
    """All settings of the gateway."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=_PREFIX, env_nested_delimiter="__", hide_input_in_errors=True
    )

    server: ServerSettings = Field(ServerSettings(), description="Where and how the server listens.")
    storage: StorageSettings = Field(StorageSettings(), description="Where state is kept.")
    retention: RetentionSettings = Field(RetentionSettings(), description="How long things are kept.")
    transfers: TransferSettings = Field(TransferSettings(), description="How transfers run.")
    indexes: IndexSettings = Field(IndexSettings(), description="How identity indexes are kept.")
    erasures: ErasureSettings = Field(ErasureSettings(), description="How erasures are tried.")
    receipts: ReceiptSettings = Field(ReceiptSettings(), description="How receipts are signed.")
    http: HttpConfiguration = Field(HttpConfiguration(), description="How long connected systems are waited for.")
    arrivals: ArrivalSettings = Field(ArrivalSettings(), description="How deliveries are followed.")
    streams: StreamSettings = Field(StreamSettings(), description="How members come in by WriteMembers.")
    callers: dict[Name, CallerSettings] = Field({}, description="Who may do more than everybody, by name.")
    receiver: ReceiverSettings = Field(ReceiverSettings(), description="Where systems push members to.")
    plugins: PluginConfiguration = Field(PluginConfiguration(), description="Which plugins are loaded.")
    connections: dict[Name, ConnectionConfiguration] = Field({}, description="The connections, by name.")
    credentials: dict[Name, CredentialConfiguration] = Field({}, description="The credentials, by name.")
    data_sources: dict[Name, DataSourceConfiguration] = Field({}, description="The data sources, by name.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file; nothing else is read."""
        return env_settings, init_settings


def load(path: Path) -> GatewaySettings:
    """Settings from a file and the environment.

    Raises ConfigError for a file that cannot be read, InvalidSettings that names every fault of its content.
    """
    values = _read(path) | _unknown_variables()
    try:
        return GatewaySettings(**values)
    except ValidationError as error:
        raise InvalidSettings(problems(error, GatewaySettings), remedy=f"Correct {path.name}.") from None


def _unknown_variables() -> dict[str, None]:
    # pydantic-settings passes over variables whose first part is no setting; as values they are refused like any other.
    parts = (name[len(_PREFIX) :].split("__")[0].lower() for name in os.environ if name.upper().startswith(_PREFIX))
    return {part: None for part in parts if part not in GatewaySettings.model_fields}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"the settings file cannot be read: {error.strerror}", place=str(path), remedy="Name a file by --config."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not a TOML file: {error}", place=str(path), remedy="Correct the file.") from error
