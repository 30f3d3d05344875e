"""Reading an audience that the sandbox's policies deny: every row is accounted for, and no id is told (rtcdp 8.2)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import DataSource, Permanent, ReadRequest
from audience_gateway.sdk.rest import Refused

CRM = DataSource(name="crm", id_type="declared_id")
BASE = "/data/foundation/dulepolicy"
POLICY = {
    "name": "No e-mail with C4",
    "status": "ENABLED",
    "marketingActionRefs": ["/marketingActions/core/emailTargeting"],
    "deny": {"label": "C4"},
}


@pytest.fixture
async def denied(connect_sandbox, tmp_path):
    """Connects to a sandbox whose audience has a label that a policy denies; its file has two rows."""

    def connect(**settings):
        files = {"bucket": tmp_path.as_uri(), "id_columns": {"crm": "crmId"}, "settle_seconds": 0}
        return connect_sandbox(files=files, **settings)

    connector = connect()
    caller = connector._parts.platform.caller
    [connect.audience] = [each.id async for each in connector.list_audiences()]
    await caller.call("POST", f"{BASE}/policies/custom", body=POLICY)
    label = [{"op": "add", "path": "/labels", "value": ["core/C4"]}]
    await caller.call("PATCH", f"/data/core/ups/audiences/{connect.audience}", body=label)
    name = f"Adobe_Campaign_segment{connect.audience}_20260101000000.csv"
    (tmp_path / name).write_text("crmId\nada\nbob\n", encoding="utf-8")
    return connect


async def test_every_row_is_held_back_with_the_policys_name(denied):
    request = ReadRequest(audience=denied.audience, source=CRM)
    rows = [row async for page in denied().read_members(request) for row in page.members.columns.to_pylist()]
    assert [(row["id"], row["defect"]) for row in rows] == [(None, "denied_by_policy: No e-mail with C4")] * 2


async def test_nothing_is_shared_where_a_denial_is_to_refuse(denied):
    with pytest.raises(Permanent, match="No e-mail with C4"):
        await denied(governance={"denied": "refuse"}).check_source(
            denied.audience, CRM, "connections/files/audiences/a"
        )


async def test_the_platform_refuses_to_activate_it_and_says_why(denied):
    connector = denied(activation={"name": "x", "set_up": True})
    with pytest.raises(Refused, match=r"Data usage policy violation \(No e-mail with C4\)"):
        await connector.check_source(denied.audience, CRM, "connections/campaign/audiences/a")
