"""Members out of a dataset that an export job fills, on the sandbox (rtcdp 1.6)."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.sdk import ConfigError, DataSource, Permanent, ReadRequest, Transient
from audience_gateway_rtcdp.dataset.profiles import consents_in, rows_of
from audience_gateway_sandbox.platform.profiles.records import take
from pydantic import ValidationError

EMAILS = DataSource(name="email", id_type="declared_id")
VISITORS = DataSource(name="visitor-id", id_type="visitor_id")
PHONES = DataSource(name="phones", id_type="device_id")
JOBS = "/data/core/ups/export/jobs"
DATASET = {
    "id": "d-1",
    "merge_policy": "default",
    "poll_seconds": 0.01,
    "wait_seconds": 0.1,
    "namespaces": {"email": "Email"},
}
ELSEWHERE = "connections/files/audiences/a"


def answers_audience(stub):
    """The small server knows one audience."""
    stub.on("GET", "/data/core/ups/audiences/84cc-1", {"id": "84cc-1", "name": "Gold", "lifecycleState": "published"})
    stub.on("GET", "/data/core/ups/audiences", {"children": [], "_page": {}, "_links": {}})
    no_violation = {"violatedPolicies": [], "duleLabels": []}
    stub.on("GET", "/data/foundation/dulepolicy/marketingActions/core/emailTargeting/constraints", no_violation)


@pytest.fixture
def connect_dataset(connect_sandbox):
    """Makes a connector that reads a dataset."""

    def connector(**dataset):
        values = {"id": "d-1", "merge_policy": "default", "poll_seconds": 0.05, "wait_seconds": 30}
        return connect_sandbox(
            dataset=values | {"namespaces": {"email": "Email", "visitor_id": "ecid", "phones": "idfa"}} | dataset
        )

    return connector


async def audience_of(connector):
    [audience] = [each.id async for each in connector.list_audiences()]
    return audience


async def read(connector, source=EMAILS, after=None):
    request = ReadRequest(audience=await audience_of(connector), source=source, after=after)
    return [page async for page in connector.read_members(request)]


async def facts(connector):
    answer = await connector._parts.platform.caller.call("GET", "/sandbox/platform/facts")
    return answer.content["days"][0]


def ids(pages):
    return [id_ for page in pages for id_ in page.members.columns["id"].to_pylist()]


async def test_members_are_those_who_are_in_the_audience(connect_dataset):
    connector = connect_dataset()
    audience = await audience_of(connector)
    await connector.check_source(audience, EMAILS, ELSEWHERE)
    assert (await connector.get_audience(audience)).readable
    found = ids(await read(connector))
    told = await facts(connector)
    assert len([each for each in found if each]) == told["with_email"]
    assert len(found) == told["realized"]


async def test_ids_are_those_of_the_namespace_whatever_its_letter_case(connect_dataset):
    found = [each for each in ids(await read(connect_dataset(), VISITORS)) if each]
    assert found
    assert all(len(each) == 38 and each.isdigit() for each in found)


async def test_reading_resumes_in_the_batch_that_it_began_with(connect_dataset):
    connector = connect_dataset()
    (page,) = await read(connector)
    assert await read(connector, after=page.resume_token) == []
    begin = page.resume_token.replace(f'"rows":{len(page.members)}', '"rows":10')
    assert ids(await read(connector, after=begin)) == ids([page])[10:]


@pytest.mark.parametrize(("shared_devices", "ids_there"), [("hold", 0), ("share", 2)])
async def test_complaint_5_of_two_people_of_one_device_neither_is_a_member(
    connect_dataset, sandbox, shared_devices, ids_there
):
    connector = connect_dataset(shared_devices=shared_devices)
    caller = connector._parts.platform.caller
    spec = {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"}
    auth = {"specName": "Streaming Connection", "params": {"sourceId": "s", "dataType": "xdm"}}
    body = {"name": "inlet", "connectionSpec": spec, "auth": auth}
    inlet = (await caller.call("POST", "/data/foundation/flowservice/connections", body=body)).content["id"]
    schema = {"schemaRef": {"id": "https://ns.adobe.com/sandbox/schemas/1", "contentType": "application/json"}}
    header = schema | {"imsOrgId": sandbox.ready["ims"]["org_id"], "datasetId": "d1"}
    together = ["ada@example.net", "bob@example.net"]
    for email in together:
        identities = {"Email": [{"id": email, "primary": True}], "ECID": [{"id": "7" * 38}]}
        entity = {"identityMap": identities, "loyalty": {"tier": "gold"}}
        message = {"header": header, "body": {"xdmMeta": schema, "xdmEntity": entity}}
        await caller.call("POST", f"/collection/{inlet}", body=message)
    audience = await audience_of(connector)
    await caller.call("POST", "/data/core/ups/segment/jobs", body=[{"segmentId": audience}])
    await sandbox.instance.advance(timedelta(seconds=1))
    rows = [row for page in await read(connector) for row in page.members.columns.to_pylist()]
    assert len([row for row in rows if row["id"] in together]) == ids_there
    assert len([row for row in rows if row["defect"] == "ambiguous_id"]) == 2 - ids_there


async def test_a_token_of_another_kind_is_refused(connect_dataset):
    with pytest.raises(Permanent, match="resume token"):
        await read(connect_dataset(), after="{}")


async def test_a_data_source_without_a_namespace_is_told_before_anything_is_exported(connect_dataset):
    connector = connect_dataset(namespaces={})
    with pytest.raises(ConfigError, match=r"settings\.dataset\.namespaces\.email"):
        await connector.check_source(await audience_of(connector), EMAILS, ELSEWHERE)


async def test_ids_of_several_data_sources_are_refused_since_only_files_have_columns_of_them(connect_dataset):
    other = DataSource(name="other", id_type="declared_id")
    with pytest.raises(ConfigError, match="only out of files") as caught:
        await connect_dataset().check_several_ids("gold", [EMAILS, other])
    assert caught.value.place == "connections.rtcdp.settings.files"
    assert "Name one data source" in caught.value.remedy


def test_members_are_read_one_way(connect_sandbox):
    files = {"bucket": "file:///drops", "id_columns": {"email": "Email"}}
    with pytest.raises(ValidationError, match="one way or another"):
        connect_sandbox(files=files, dataset={"id": "d-1", "merge_policy": "default"})


async def test_a_job_that_fails_is_told(stub, connect):
    answers_audience(stub)
    stub.on("POST", JOBS, {"id": 7, "status": "NEW"})
    stub.on("GET", f"{JOBS}/7", {"id": "7", "status": "FAILED"})
    with pytest.raises(Permanent, match="the export job ended as `failed`"):
        await anext(connect(dataset=DATASET).read_members(ReadRequest(audience="84cc-1", source=EMAILS)))
    assert stub.bodies[stub.calls.index(("POST", JOBS))] == {
        "fields": "identityMap,consents.marketing.any.val,consents.marketing.email.val",
        "mergePolicy": {"id": "default", "version": 1},
        "filter": {"segments": [{"segmentId": "84cc-1", "segmentNs": "ups", "status": ["realized", "existing"]}]},
        "destination": {"datasetId": "d-1", "segmentPerBatch": False},
        "schema": {"name": "_xdm.context.profile"},
    }


async def test_the_wait_for_a_job_is_bounded(stub, connect):
    answers_audience(stub)
    stub.on("POST", JOBS, {"id": 7, "status": "NEW"})
    stub.on("GET", f"{JOBS}/7", {"id": "7", "status": "PROCESSING"})
    with pytest.raises(Transient, match="took more than 0"):
        await anext(connect(dataset=DATASET).read_members(ReadRequest(audience="84cc-1", source=EMAILS)))


async def test_a_file_of_another_length_than_was_told_is_not_read(stub, connect):
    answers_audience(stub)
    stub.on("POST", JOBS, {"id": 7})
    stub.on("GET", f"{JOBS}/7", {"id": 7, "status": "SUCCEEDED", "batchId": "B"})
    page = {"_page": {"limit": 100, "count": 1}}
    stub.on("GET", "/data/foundation/export/batches/B/files", {"data": [{"dataSetFileId": "B-1"}], **page})
    stub.answers = []
    stub.on("GET", "/data/foundation/export/files/B-1", {"data": [{"name": "p.parquet", "length": "7"}], **page})
    with pytest.raises(Permanent, match="and was said to have 7"):
        await anext(connect(dataset=DATASET).read_members(ReadRequest(audience="84cc-1", source=EMAILS)))


async def defects(connector, after=None, **changes):
    pages = await read(connector, after=after, **changes)
    return [row for page in pages for row in page.members.columns.to_pylist()]


async def test_a_profile_whose_ids_are_of_other_namespaces_says_so(connect_dataset):
    rows = await defects(connect_dataset(), source=PHONES)
    assert len(rows) == (await facts(connect_dataset()))["realized"]
    assert {(row["id"], row["defect"]) for row in rows} == {(None, "wrong_namespace")}


def turned(sandbox, *entities):
    """Lets the platform take records in."""
    return sandbox.instance.platform.work(
        "prod", lambda space: [take(space, entity, dataset="d-2") for entity in entities]
    )


def person(email, *ecids):
    identities = {"Email": [{"id": email, "primary": True}], "ECID": [{"id": f"{number:038d}"} for number in ecids]}
    return {"identityMap": identities}


async def test_an_id_that_the_graph_has_lost_since_the_export_is_told_if_that_is_asked_for(connect_dataset, sandbox):
    connector = connect_dataset(check_graph=True)
    (page,) = await read(connector, VISITORS)
    begin = page.resume_token.replace(f'"rows":{len(page.members)}', '"rows":0')
    before = page.members.columns.to_pylist()
    assert "lost_in_graph" not in {row["defect"] for row in before}
    owner = await owner_of(connector, next(row["id"] for row in before if row["id"]))
    turned(sandbox, *(person(owner, *range(first, first + 19)) for first in range(0, 57, 19)))
    after = await defects(connector, begin, source=VISITORS)
    lost = {row["id"] for row in before if row["id"]} - {row["id"] for row in after}
    assert lost
    assert [row["defect"] for row in after].count("lost_in_graph") >= len(lost)
    assert len(after) == len(before)
    unasked = await defects(connect_dataset(), begin, source=VISITORS)
    assert lost <= {row["id"] for row in unasked}


async def test_an_id_that_the_graph_has_and_the_export_leaves_out_is_told_if_that_is_asked_for(
    connect_dataset, sandbox
):
    connector = connect_dataset(check_graph=True)
    (page,) = await read(connector)
    begin = page.resume_token.replace(f'"rows":{len(page.members)}', '"rows":0')
    emails = [row["id"] for row in page.members.columns.to_pylist()]
    turned(sandbox, {"identityMap": {"Email": [{"id": emails[3], "primary": True}], "IDFA": [{"id": "D"}]}})
    found = [row["defect"] for row in await defects(connector, begin, source=PHONES)]
    assert found == ["lost_in_graph" if place == 3 else "wrong_namespace" for place in range(len(emails))]


async def owner_of(connector, ecid):
    body = {"composite_xids": [{"ns": "ECID", "id": ecid}]}
    answer = await connector._parts.platform.caller.call("POST", "/data/core/identity/v2/graph", body=body)
    [graph] = answer.content["graphs"]
    return next(one["id"] for one in graph["members"] if one["ns"] == "Email")


def profiles(path, **columns):
    identity = pa.struct([("id", pa.string()), ("primary", pa.bool_())])
    maps = [
        [("Email", [{"id": "a@x", "primary": True}, {"id": "b@x", "primary": False}]), ("ECID", [{"id": "1"}])],
        [("email", [{"id": "c@x", "primary": None}])],
        [("ECID", [{"id": "2"}])],
        None,
        [("Email", [])],
    ]
    identities = pa.array(maps, pa.map_(pa.string(), pa.list_(identity)))
    pq.write_table(pa.table({"identityMap": identities, **columns}), path)
    return path


def test_each_id_of_the_namespace_is_a_row_and_a_profile_without_one_is_a_row_too(tmp_path):
    batches = list(rows_of(profiles(tmp_path / "p.parquet"), "Email", ["consents_marketing_any_val"]))
    found = [id_ for batch in batches for id_ in batch.column("id").to_pylist()]
    several = [each for batch in batches for each in batch.column("may_be_several").to_pylist()]
    assert several == [True, True, False, False, False, False]
    assert found == ["a@x", "b@x", "c@x", None, None, None]


def test_consents_stand_beside_each_id_of_a_profile(tmp_path):
    consents = [{"marketing": {"any": {"val": value}}} for value in ("n", "y", None, "p", "u")]
    path = profiles(tmp_path / "p.parquet", consents=pa.array(consents))
    (batch,) = rows_of(path, "Email", ["consents_marketing_any_val", "consents_marketing_email_val"])
    columns = {name: column.to_pylist() for name, column in consents_in(batch).items()}
    assert columns == {"consents_marketing_any_val": ["n", "n", "y", None, "p", "u"]}
