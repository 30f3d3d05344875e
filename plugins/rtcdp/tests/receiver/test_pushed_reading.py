"""Members as a streaming destination has pushed them, and whether somebody is still missing (rtcdp 4, 10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from audience_gateway.pushes.kept_pushes import KeptPushes
from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.sdk import (
    Capability,
    ConfigError,
    DataSource,
    Permanent,
    Push,
    PushedRow,
    ReadRequest,
    capabilities,
)
from audience_gateway.storage.schema import METADATA
from audience_gateway_rtcdp import RtcdpConnector, RtcdpSettings
from pydantic import ValidationError

EMAIL = DataSource(name="email", id_type="declared_id")
AUDIENCE = {"id": "gold", "audienceId": "gold", "name": "Gold", "type": "SegmentDefinition"}
HERE = "connections/files/audiences/gold"
RECEIVER = {"audiences": ["gold"], "namespaces": {"email": "Email"}, "tokens": ["env:PUSH"]}


@pytest.fixture
def pushed(context):
    """Pushes rows to the connection, as the receiver keeps them; the clock goes on by an hour."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False})
    METADATA.create_all(engine)
    ledger = PushLedger(engine)
    context.pushed = KeptPushes(ledger, "rtcdp")

    def push(*ids, member=True, since=context.time, **said):
        of = {"audience": "gold", "id_kind": "email", "is_member": member, "since": since, **said}
        ledger.keep("rtcdp", Push([PushedRow(id=each, **of) for each in ids]), 1)
        context.time = context.pushed.ledger.history("rtcdp", "gold").first + timedelta(hours=1)

    yield push
    engine.dispose()


@pytest.fixture
def reader(connect, stub):
    """A connector of a platform with one audience, that members are pushed to."""
    stub.on("GET", "/data/core/ups/audiences/gold", AUDIENCE)
    stub.on("GET", "/data/core/ups/audiences", {"children": []})
    return lambda **receiver: connect(receiver=RECEIVER | receiver)


async def rows(connector):
    request = ReadRequest(audience="gold", source=EMAIL)
    found = [row async for page in connector.read_members(request) for row in page.members.columns.to_pylist()]
    assert {row["defect"] for row in found} <= {None}
    return sorted((row["id"], "leaves" if row["leaves"] else "joins") for row in found)


def test_it_takes_pushes():
    assert Capability.RECEIVE_PUSHES in capabilities(RtcdpConnector)


async def test_members_are_those_who_were_pushed_last_as_members(reader, pushed):
    pushed("ada", "bob", "eve")
    pushed("bob", member=False)
    assert await rows(reader()) == [("ada", "joins"), ("bob", "leaves"), ("eve", "joins")]


async def test_who_has_opted_out_is_read_as_such(reader, pushed):
    pushed("ada", opted_out=True)
    request = ReadRequest(audience="gold", source=EMAIL)
    [page] = [page async for page in reader().read_members(request)]
    assert page.members.columns.column("opted_out").to_pylist() == [True]


async def test_who_may_push_is_what_the_settings_say(connect, reader):
    assert reader().push_access().tokens == RtcdpSettings(credentials="ims", receiver=RECEIVER).receiver.tokens
    assert connect().push_access() is None


async def test_an_audience_of_which_nothing_came_is_not_shared(reader, pushed):
    with pytest.raises(Permanent, match="nothing was pushed of this audience yet"):
        await reader().check_source("gold", EMAIL, HERE)


async def test_an_audience_that_is_not_taken_is_not_shared(reader, pushed):
    with pytest.raises(ConfigError, match="nothing is kept"):
        await reader(audiences=["silver"]).check_source("gold", EMAIL, HERE)


async def test_a_new_mapping_is_shared_once_its_backfill_is_over(reader, pushed, context):
    pushed("ada")
    await reader().check_source("gold", EMAIL, HERE)
    context.time -= timedelta(seconds=1)
    with pytest.raises(Permanent, match="may still be coming until"):
        await reader().check_source("gold", EMAIL, HERE)


async def test_complaint_4_an_audience_that_was_activated_anew_is_not_backfilled(reader, pushed, context):
    pushed("ada", mapped=context.time)
    again = context.time + timedelta(days=1)
    pushed("bob", mapped=again)
    context.time = again + timedelta(hours=1)
    with pytest.raises(ConfigError, match="was activated anew") as caught:
        await reader().check_source("gold", EMAIL, HERE)
    assert caught.value.place == "connections.rtcdp.settings.receiver.backfilled.gold"
    await reader(backfilled={"gold": again.isoformat()}).check_source("gold", EMAIL, HERE)
    changes = reader(changes_only=["gold"])
    await changes.check_source("gold", EMAIL, HERE)
    assert await changes.reads_changes("gold", EMAIL)
    assert not await reader().reads_changes("gold", EMAIL)


@pytest.fixture
def flow(stub):
    """Shows a flow that activates audiences."""

    def shown(*audiences, state="enabled"):
        listed = [{"type": "PLATFORM_SEGMENT", "value": {"id": each}} for each in audiences]
        selectors = [{"params": {"segmentSelectors": {"selectors": listed}}}]
        items = {"items": [{"id": "f1", "name": "push", "state": state, "transformations": selectors}], "_links": {}}
        stub.on("GET", "/data/foundation/flowservice/flows", items)
        stub.on("GET", "/data/foundation/flowservice/flows/f1", items)

    return shown


async def test_a_flow_that_does_not_push_the_audience_is_told(reader, flow, pushed):
    pushed("ada")
    flow("gold")
    await reader(flow="push").check_source("gold", EMAIL, HERE)
    flow("silver")
    with pytest.raises(ConfigError, match="does not push this audience"):
        await reader(flow="push").check_source("gold", EMAIL, HERE)
    flow("gold", state="disabled")
    with pytest.raises(ConfigError, match="does not push this audience"):
        await reader(flow="push").check_source("gold", EMAIL, HERE)


async def test_what_became_of_pushes_is_told_by_a_check(reader, pushed):
    assert "Nothing was pushed yet." in {each.summary for each in await reader()._parts.preflight._receiver()}
    pushed("ada", "bob")
    pushed("ada", "bob")
    [found] = await reader()._parts.preflight._receiver()
    assert found.summary == "Of 4 rows that were pushed: 2 stored, 2 duplicate."


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"tokens": []}, "set `tokens`"),
        ({"anyone": True}, "or else `anyone`"),
        ({"client_id": "x"}, "belong together"),
    ],
)
def test_who_may_push_must_be_said(changes, finding):
    with pytest.raises(ValidationError, match=finding):
        RtcdpSettings(credentials="ims", receiver=RECEIVER | changes)


def test_members_are_read_one_way():
    with pytest.raises(ValidationError, match="one way or another"):
        RtcdpSettings(credentials="ims", receiver=RECEIVER, lookup={"bucket": "file:///x"})
