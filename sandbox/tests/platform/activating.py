"""Sets up flows to file destinations in tests."""

from .conftest import CAMPAIGN_SPEC, FLOWS

TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"


class Activated:
    """A flow of one audience to Adobe Campaign, and its files."""

    def __init__(self, caller, flow, audience):
        self.caller, self.flow, self.audience = caller, flow, audience

    @property
    def files(self):
        """The exported files' contents by name, in the order of names."""
        found = sorted(each for each in self.caller.files.rglob("*") if each.is_file())
        return {each.relative_to(self.caller.files).as_posix(): each.read_bytes() for each in found}

    def rows(self, number=-1, delimiter=","):
        """The rows of a file, the header first."""
        content = list(self.files.values())[number]
        return [line.split(delimiter) for line in content.decode().splitlines()]

    async def runs(self):
        listed = await self.caller.get(f"{FLOWS}/runs?property=flowId=={self.flow}&limit=100")
        return [each["metrics"] for each in listed["items"]]

    async def etag(self):
        return (await self.caller.get(f"{FLOWS}/flows/{self.flow}"))["items"][0]["etag"]

    async def change(self, *steps):
        return await self.caller.ask("PATCH", f"{FLOWS}/flows/{self.flow}", list(steps), If_Match=await self.etag())

    async def run_now(self):
        """Export on demand, an hour after the activation."""
        await self.caller.advance(hours=1)
        body = {"activationInfo": {self.flow: [self.audience]}}
        status, answer = await self.caller.ask("POST", "/data/core/activation/disflowprovider/adhocrun", body)
        await self.caller.advance(seconds=1)
        return status, answer


async def gold(caller):
    return (await caller.get("/sandbox/platform/facts"))["audience"]["id"]


def selector(audience, **value):
    schedule = {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-01", "startTime": "00:00"}
    made = {"id": audience, "name": "gold", "filenameTemplate": TEMPLATE, "exportMode": FULL, "schedule": schedule}
    return {
        "op": "add",
        "path": "/transformations/0/params/segmentSelectors/selectors/-",
        "value": {"type": "PLATFORM_SEGMENT", "value": made | value},
    }


def field(path, **value):
    return {"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"} | value}


FIELDS = (
    field("person.name.firstName"),
    field("person.name.lastName"),
    field("personalEmail.address"),
    field("segmentMembership.status"),
)


async def activate(
    caller, audience=None, *, fields=FIELDS, target=None, params=None, spec=CAMPAIGN_SPEC, auth=None, **value
):
    """Make a flow as clients do, one object after the other, and add an audience to it."""
    audience = audience or await gold(caller)
    connection = {
        "name": "c",
        "auth": {"specName": "any", "params": auth or {"accessId": "a", "secretKey": "b"}},
        "connectionSpec": spec,
    }
    base = (await caller.post(f"{FLOWS}/connections", connection))["id"]
    source = {
        "name": "s",
        "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"},
        "data": {"format": "CSV"},
        "params": {},
    }
    sources = [(await caller.post(f"{FLOWS}/sourceConnections", source))["id"]]
    made = {
        "name": "t",
        "baseConnectionId": base,
        "connectionSpec": spec,
        "data": {"schema": None},
        "params": {"mode": "S3", "bucketName": "crm", "path": "in", "format": "CSV"} | (target or {}),
    }
    targets = [(await caller.post(f"{FLOWS}/targetConnections", made))["id"]]
    selectors = {"profileSelectors": {"selectors": list(fields)}, "segmentSelectors": {"selectors": []}}
    flow = {
        "name": "f",
        "sourceConnectionIds": sources,
        "targetConnectionIds": targets,
        "transformations": [{"name": "GeneralTransform", "params": selectors | (params or {})}],
    }
    activated = Activated(caller, (await caller.post(f"{FLOWS}/flows", flow))["id"], audience)
    status, answer = await activated.change(selector(audience, **value))
    assert status == 200, answer
    return activated


async def make_leave(caller, inlet, emails):
    """Let people of the sample audience leave it, and have it evaluated."""
    identities = [{"Email": [{"id": email, "primary": True}]} for email in emails]
    await caller.send(inlet, *({"identityMap": each, "loyalty": {"tier": "left"}} for each in identities))
    await caller.evaluate(await gold(caller))
