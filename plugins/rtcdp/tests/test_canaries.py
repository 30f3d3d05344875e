"""Nothing that is raised, refused or logged holds an id or a token, whatever the servers answer."""

from __future__ import annotations

import json
import logging

import pytest
from aiohttp import web
from audience_gateway.sdk import DataSource, GatewayError, TargetBatch, WriteRequest

IDS = ("canary-4711", "canary@example.com", "+49301234567")
TOKEN = "token-1"
EMAILS = DataSource(name="email", id_type="declared_id")
STATUSES = (200, 207, 302, 400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 503)


def echoing(status):
    """Answers with what was sent, token and all, in every form of error that there is."""

    async def respond(request):
        said = f"{await request.text()} {request.headers.get('Authorization', '')} {request.path_qs}"
        body = {
            "error_code": said,
            "message": said,
            "errorMessage": said,
            "type": f"https://ns.adobe.com/aep/errors/{said}",
            "errors": {str(status): [{"code": said, "message": said}]},
            "responses": [{"statusCode": 400, "message": said}] * len(IDS),
        }
        return web.json_response(body, status=status)

    return respond


def shown(texts):
    return [canary for canary in (*IDS, TOKEN) for text in texts if canary in text]


@pytest.mark.parametrize("status", STATUSES)
async def test_streaming_shows_no_id_and_no_token(connect, stub, caplog, status):
    caplog.set_level(logging.DEBUG)
    stub.answers += [echoing(status)] * 20
    streaming = {
        "url": stub.url,
        "inlet": "i",
        "authenticated": True,
        "schema_id": "https://ns.adobe.com/x",
        "dataset_id": "d",
        "field": "_x.y",
        "namespaces": {"email": "Email"},
    }
    request = WriteRequest(audience="gold", source=EMAILS, batch=TargetBatch.of(IDS), key="t/add-00000")
    texts = []
    try:
        result = await connect(streaming=streaming).write_members(request)
        texts += [f"{refusal.code} {refusal.detail}" for refusal in result.refused]
        assert result.accepted + len(result.refused) == len(IDS)
    except GatewayError as error:
        texts += [str(error), repr(error)]
    assert texts
    assert shown([*texts, caplog.text]) == []


@pytest.mark.parametrize("status", STATUSES)
async def test_external_audiences_show_no_id_and_no_token(connect, stub, caplog, tmp_path, status):
    caplog.set_level(logging.DEBUG)
    stub.answers += [echoing(status)] * 20
    external = {"bucket": tmp_path.as_uri(), "cloud_type": "DLZ", "namespaces": {"email": "Email"}}

    async def batches():
        yield TargetBatch.of(IDS)

    with pytest.raises(GatewayError) as caught:
        await connect(external=external).replace_members("gold", EMAILS, batches(), "t/replace-00000")
    assert shown([str(caught.value), repr(caught.value), caplog.text]) == []


async def test_ids_that_cannot_be_written_are_counted_and_not_named(connect_sandbox, tmp_path):
    external = {
        "bucket": tmp_path.as_uri(),
        "cloud_type": "DLZ",
        "namespaces": {"email": "Email"},
        "poll_seconds": 0.05,
    }

    async def batches():
        yield TargetBatch.of([IDS[0], IDS[0] * 200])

    with pytest.raises(GatewayError, match="found 1 ids") as caught:
        await connect_sandbox(external=external).replace_members("gold", EMAILS, batches(), "t/replace-00000")
    assert shown([str(caught.value)]) == []
    assert list(tmp_path.iterdir()) == []


def test_settings_show_no_secret(connect, monkeypatch):
    monkeypatch.setenv("S3_KEY", "canary-secret")
    settings = connect(activation={"name": "x", "auth": {"secretKey": "env:S3_KEY"}})._settings
    assert "canary-secret" not in repr(settings)
    assert "canary-secret" not in json.dumps(settings.model_dump(mode="json"))
