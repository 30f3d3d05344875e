"""A sandbox whose platform has its files on S3, and a gateway that shares with it, as processes of their own."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from audience_gateway_sandbox.platform.seeding.gold import gold_on
from audience_gateway_sandbox.seeding import Population, populate
from processes import started

from tests.e2e.beside_audience_manager import call_adobe, get
from tests.object_stores import S3Server

FOLDER = "drops"
FLOWS, DESTINATION = "/data/foundation/flowservice", "Experience Cloud Audiences"
RECIPIENTS, SEED = 2000, 1
UNTIL_EXPORTED = timedelta(hours=37)
"""The newest export is then of 36 hours after the beginning, half a day off evaluations: of day 1."""
PLATFORM = """
[connections.rtcdp]
connector = "rtcdp"
[connections.rtcdp.settings]
url = "{platform[url]}"
credentials = "ims"
[connections.rtcdp.settings.files]
bucket = "{platform[files]}"
folder = "drops"
name = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
manifest = "required"
[connections.rtcdp.settings.files.id_columns]
declared_id = "personalEmail.address"
[connections.rtcdp.settings.activation]
name = "to-campaign"
set_up = true
start_time = "{start_time}"
[connections.rtcdp.settings.activation.target]
bucketName = "{bucket}"
path = "drops"
format = "CSV"
includeFileManifest = "true"
[connections.rtcdp.settings.external]
bucket = "{platform[files]}"
prefix = "shared/"
cloud_type = "DLZ"
platform_prefix = "dlz-user-container/"
poll_seconds = 0.1
[connections.rtcdp.settings.external.namespaces]
email = "Email"

[connections.people]
connector = "people"
[connections.people.settings]
import_bucket = "{buckets[importSharedAudience]}"
export_bucket = "{buckets[exportSharedAudience]}"
[connections.people.settings.library]
url = "{audience_manager[url]}/v1"
credentials = "ims"

[data_sources.visitor-id]
id_type = "visitor_id"
reconciliation_key = "[trackingLog/@sourceId]"
aam_data_source_id = 38888
aam_destination_id = {destination}

[data_sources.email]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"
"""


@dataclass(frozen=True)
class Gold:
    """The platform's audience on a day, as it follows from the seed: nothing here asks the gateway.

    Attributes:
        members: ids in Campaign.
        without_email: those of them that the platform knows by a device only.
        odd_email: those whose e-mail has capitals or blanks around it in Campaign.
        visitor_ids: of the members, each of one alone.
    """

    members: frozenset[int]
    without_email: frozenset[int]
    odd_email: frozenset[int]
    visitor_ids: frozenset[str]

    @classmethod
    def on(cls, day: int, population: Population) -> Gold:
        members = frozenset(gold_on(population, day))
        visitor_ids = frozenset(population.visitor_ids[one] for one in members)
        return cls(members, members & population.without_email, members & population.odd_email, visitor_ids)

    def check(self, fact: dict[str, Any]) -> None:
        """Compares it with what the sandbox says of that day."""
        text = "\n".join(map(str, sorted(self.members)))
        assert fact["recipients_sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert fact["realized"] == len(self.members) == len(self.visitor_ids)
        assert fact["with_email"] == len(self.members - self.without_email)


def population() -> Population:
    """The recipients of the sandbox."""
    return populate(RECIPIENTS, SEED)


@contextmanager
def started_sandbox(directory: Path, bucket: str, *assumptions: str) -> Iterator[dict[str, Any]]:
    """Runs a sandbox whose platform writes to a bucket on S3, and reads from there."""
    arguments = ["sandbox", "--recipients", str(RECIPIENTS), "--seed", str(SEED), "--port", "0"]
    arguments += ["--state", str(directory / "sandbox"), "--platform-bucket", f"s3://{bucket}"]
    arguments += [text for each in assumptions for text in ("--assume", each)]
    with started(arguments, directory / "sandbox.json", directory / "sandbox.log") as ready:
        yield ready


def share_with_audience_manager(sandbox: dict[str, Any], audience: str) -> None:
    """Activates an audience to Experience Cloud Audiences, as people do in the platform."""
    specs = call_adobe(sandbox, f"{FLOWS}/connectionSpecs")["items"]
    spec = {"id": next(each["id"] for each in specs if each["name"] == DESTINATION), "version": "1.0"}
    made = {"name": DESTINATION, "connectionSpec": spec}
    base = call_adobe(sandbox, f"{FLOWS}/connections", {**made, "auth": {"specName": "None", "params": {}}})
    source = call_adobe(sandbox, f"{FLOWS}/sourceConnections", {**made, "data": {}, "params": {}})
    about = {**made, "baseConnectionId": base["id"], "data": {}, "params": {}}
    target = call_adobe(sandbox, f"{FLOWS}/targetConnections", about)
    selectors = [{"type": "PLATFORM_SEGMENT", "value": {"id": audience}}]
    params = {"segmentSelectors": {"selectors": selectors}, "profileSelectors": {"selectors": []}}
    flow = {"name": DESTINATION, "sourceConnectionIds": [source["id"]], "targetConnectionIds": [target["id"]]}
    call_adobe(sandbox, f"{FLOWS}/flows", {**flow, "transformations": [{"name": "GeneralTransform", "params": params}]})


def segments_of(sandbox: dict[str, Any], audience: str) -> Sequence[dict[str, Any]]:
    """Audience Manager's segments of an audience of the platform."""
    return [each for each in call_adobe(sandbox, "/v1/segments") if each.get("integrationCode") == audience]


def began(directory: Path) -> datetime:
    """When the sandbox began."""
    return datetime.fromisoformat(json.loads((directory / "sandbox" / "sandbox.json").read_text())["began"])


def half_a_day_off(sandbox: dict[str, Any]) -> str:
    """A time of the day for exports that no evaluation is near."""
    now = datetime.fromisoformat(get(sandbox, "clock")["now"])
    return (now + timedelta(hours=12)).strftime("%H:%M")


def keys(server: S3Server, bucket: str) -> Sequence[str]:
    """What is in a bucket."""
    with closing(server.client()) as client:
        return [each["Key"] for each in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def change_recipients(directory: Path, change: str, recipients: Sequence[int]) -> None:
    """Changes recipients as people do in Campaign's console."""
    with closing(sqlite3.connect(directory / "sandbox" / "campaign.sqlite", timeout=30)) as database, database:
        database.executemany(f"UPDATE recipient SET {change} WHERE id = ?", [(one,) for one in recipients])


def emails_in(directory: Path, audience: str) -> frozenset[str]:
    """The e-mail addresses of the profiles that are in an external audience of the platform."""
    query = (
        "SELECT value FROM membership JOIN identity ON identity.profile = membership.profile"
        " JOIN document ON document.id = membership.audience AND json_extract(document.body, '$.audienceId') = ?"
        " WHERE status = 'realized' AND namespace = 'Email'"
    )
    path = f"file:{directory / 'sandbox' / 'platform.sqlite'}?mode=ro"
    with closing(sqlite3.connect(path, uri=True)) as database:
        return frozenset(value for (value,) in database.execute(query, [audience]))
