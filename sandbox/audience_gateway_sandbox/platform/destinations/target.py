"""Where a flow's exports go: the connection, its folder and the format of files (rtcdp 6.1, 6.4, 6.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.platform.destinations.file_names import Naming
from audience_gateway_sandbox.platform.destinations.formats import Format, format_of
from audience_gateway_sandbox.platform.destinations.selectors import Activation
from audience_gateway_sandbox.platform.flow_service.objects import TARGETS
from audience_gateway_sandbox.platform.flow_service.specs import CAMPAIGN, CONNECTION_SPECS, EXPERIENCE_CLOUD, HTTP_API
from audience_gateway_sandbox.platform.storage import Document, Space

_NAMES = {each.id: each.name for each in CONNECTION_SPECS}
_ROOTS = ("bucketName", "container", "s3Bucket")
_PATHS = ("path", "remotePath", "s3Path", "folderPath")
_ADDRESSES = ("endpoint", "url", "httpEndpoint")


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a flow.

    Attributes:
        id: of the target connection.
        name: of the target connection.
        specification: id of the kind of system.
        params: as the caller gave them.
    """

    id: str
    name: str
    specification: str
    params: Mapping[str, Any]

    @property
    def destination_name(self) -> str:
        """The name of the kind of system, as files bear it."""
        return _NAMES.get(self.specification, "Destination").replace(" ", "_")

    @property
    def pushes(self) -> bool:
        """Whether profiles are pushed by HTTP, not written to files."""
        return self.specification == HTTP_API

    @property
    def shares(self) -> bool:
        """Whether audiences are shared with Audience Manager, not written to files."""
        return self.specification == EXPERIENCE_CLOUD

    @property
    def address(self) -> str:
        """Where profiles are pushed to."""
        return self._first(_ADDRESSES)

    @property
    def marketing_action(self) -> str:
        """What activation to it counts as: targeting by e-mail for Campaign, export for others, which is assumed."""
        return "emailTargeting" if self.specification == CAMPAIGN else "exportToThirdParty"

    @property
    def has_manifest(self) -> bool:
        """Whether each run writes a manifest."""
        return any(self.params.get(name) in {True, "true"} for name in ("includeFileManifest", "includeManifest"))

    @property
    def format(self) -> Format:
        """The format of files. Raises Refusal if it is not documented."""
        return format_of(self.params)

    def folder(self, naming: Naming, bucket: str) -> str:
        """Name the folder of files; a bucket of the name of the one that is written to needs no folder of its own."""
        root = self._first(_ROOTS)
        parts = ([] if bucket_name(bucket) == root else [root], [naming.folder(self._first(_PATHS))])
        return "/".join(part for listed in parts for part in listed if part)

    def naming(self, space: Space, flow: Document, activation: Activation) -> Naming:
        """Tell what macros stand for."""
        values = {
            "DESTINATION_NAME": self.destination_name,
            "DESTINATION_INSTANCE_ID": self.id,
            "DESTINATION_INSTANCE_NAME": self.name or str(flow.body.get("name", "")),
            "SEGMENT_ID": activation.audience,
            "SEGMENT_NAME": activation.name,
            "ORGANIZATION_NAME": credentials.ORG_ID.partition("@")[0],
            "SANDBOX_NAME": space.name,
        }
        return Naming(values, space.now)

    def _first(self, names: tuple[str, ...]) -> str:
        return next((str(self.params[name]) for name in names if self.params.get(name)), "")


def target_of(space: Space, flow: Document) -> Target | None:
    """Find the target of a flow; None if it has none."""
    ids = flow.body.get("targetConnectionIds") or []
    document = space.documents(TARGETS).get(str(ids[0])) if ids else None
    if document is None:
        return None
    params = document.body.get("params")
    specification = document.body.get("connectionSpec") or {}
    return Target(
        document.id,
        str(document.body.get("name", "")),
        str(specification.get("id", "")),
        params if isinstance(params, Mapping) else {},
    )


def bucket_name(address: str) -> str:
    """Name the bucket of an address `s3://bucket/prefix`; empty for a directory."""
    return address.removeprefix("s3://").partition("/")[0] if address.startswith("s3://") else ""
