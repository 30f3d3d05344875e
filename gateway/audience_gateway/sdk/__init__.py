"""All that a plugin author imports. Contract version: `CONTRACT_VERSION`."""

from audience_gateway.sdk.arrivals import (
    DELIVERED,
    Arrival,
    ArrivalPoller,
    ArrivalRequest,
    ArrivalStage,
    DeliveredWrite,
)
from audience_gateway.sdk.attributes import AttributeReader, AttributeWriter, WriteSize
from audience_gateway.sdk.buckets import Bucket, BucketObject
from audience_gateway.sdk.codecs import canonical_codes, check_codec, decode, encode, is_digest, nobodys_codes
from audience_gateway.sdk.connectors import (
    Audience,
    AudienceCatalogue,
    AudienceCreator,
    Capability,
    ChangeReader,
    Connector,
    DestinationChecker,
    IdentityIndex,
    IndexRequest,
    MemberFinder,
    MemberReader,
    MemberRemover,
    MemberReplacer,
    MemberWriter,
    ReadRequest,
    SourceChecker,
    WritePromise,
    WriteRequest,
    capabilities,
)
from audience_gateway.sdk.context import Context
from audience_gateway.sdk.credentials import CredentialProvider
from audience_gateway.sdk.diagnostics import Diagnostic, Severity
from audience_gateway.sdk.errors import AuthError, ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway.sdk.events import Event, EventKind
from audience_gateway.sdk.gzip_stream import BrokenGzip, gunzip
from audience_gateway.sdk.http_bodies import body_of
from audience_gateway.sdk.identities import (
    CandidatePolicy,
    Codec,
    DataSource,
    KeyForm,
    Normalised,
    Reconciler,
    TextForm,
)
from audience_gateway.sdk.judging import judged
from audience_gateway.sdk.members import (
    IndexBatch,
    IndexPage,
    MemberBatch,
    MemberPage,
    Refusal,
    TargetBatch,
    WriteResult,
)
from audience_gateway.sdk.namespaces import check_not_of_devices
from audience_gateway.sdk.outcomes import Outcome, Reason, denied_by
from audience_gateway.sdk.personal_data import is_personal_data
from audience_gateway.sdk.placeholders import PLACEHOLDERS, is_placeholder
from audience_gateway.sdk.plugins import (
    CONTRACT_VERSION,
    ConnectorRegistry,
    ConnectorSpec,
    CredentialRegistry,
    CredentialSpec,
    ReconcilerRegistry,
    Stability,
    hookimpl,
)
from audience_gateway.sdk.recipes import RECIPES, Recipe, find_recipe
from audience_gateway.sdk.setting_types import AudienceId, Folder
from audience_gateway.sdk.settings import Secret, Settings, fingerprint

__all__ = [
    "CONTRACT_VERSION",
    "DELIVERED",
    "PLACEHOLDERS",
    "RECIPES",
    "Arrival",
    "ArrivalPoller",
    "ArrivalRequest",
    "ArrivalStage",
    "AttributeReader",
    "AttributeWriter",
    "Audience",
    "AudienceCatalogue",
    "AudienceCreator",
    "AudienceId",
    "AuthError",
    "BrokenGzip",
    "Bucket",
    "BucketObject",
    "CandidatePolicy",
    "Capability",
    "ChangeReader",
    "Codec",
    "ConfigError",
    "Connector",
    "ConnectorRegistry",
    "ConnectorSpec",
    "Context",
    "CredentialProvider",
    "CredentialRegistry",
    "CredentialSpec",
    "DataSource",
    "DeliveredWrite",
    "DestinationChecker",
    "Diagnostic",
    "Event",
    "EventKind",
    "Folder",
    "GatewayError",
    "IdentityIndex",
    "IndexBatch",
    "IndexPage",
    "IndexRequest",
    "KeyForm",
    "MemberBatch",
    "MemberFinder",
    "MemberPage",
    "MemberReader",
    "MemberRemover",
    "MemberReplacer",
    "MemberWriter",
    "Normalised",
    "Outcome",
    "Permanent",
    "RateLimited",
    "ReadRequest",
    "Reason",
    "Recipe",
    "Reconciler",
    "ReconcilerRegistry",
    "Refusal",
    "Secret",
    "Settings",
    "Severity",
    "SourceChecker",
    "Stability",
    "TargetBatch",
    "TextForm",
    "Transient",
    "WritePromise",
    "WriteRequest",
    "WriteResult",
    "WriteSize",
    "body_of",
    "canonical_codes",
    "capabilities",
    "check_codec",
    "check_not_of_devices",
    "decode",
    "denied_by",
    "encode",
    "find_recipe",
    "fingerprint",
    "gunzip",
    "hookimpl",
    "is_digest",
    "is_personal_data",
    "is_placeholder",
    "judged",
    "nobodys_codes",
]
