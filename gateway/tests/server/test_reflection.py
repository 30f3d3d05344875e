from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc.aio
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse
from loopback import core, serving

METHODS = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
]


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    async with serving(core()) as (_, channel):
        yield channel


async def ask(channel: grpc.aio.Channel, method: str, **question: str) -> ServerReflectionResponse:
    call = channel.stream_stream(
        method,
        request_serializer=ServerReflectionRequest.SerializeToString,
        response_deserializer=ServerReflectionResponse.FromString,
    )(iter([ServerReflectionRequest(**question)]))
    return await call.read()


@pytest.mark.parametrize("method", METHODS)
async def test_both_versions_list_the_same_services(channel: grpc.aio.Channel, method: str) -> None:
    answer = await ask(channel, method, list_services="")

    assert {service.name for service in answer.list_services_response.service} == {
        "audience_gateway.v1.AudienceService",
        "audience_gateway.v1.ConnectorService",
        "audience_gateway.v1.IdentityService",
        "audience_gateway.v1.ScheduleService",
        "audience_gateway.v1.TransferService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize("method", METHODS)
async def test_every_file_that_a_service_needs_can_be_had(channel: grpc.aio.Channel, method: str) -> None:
    answer = await ask(channel, method, file_containing_symbol="audience_gateway.v1.AudienceService")
    wanted = {name for file in files(answer) for name in file.dependency}
    seen = {file.name for file in files(answer)}
    while wanted - seen:
        answer = await ask(channel, method, file_by_filename=(wanted - seen).pop())
        seen |= {file.name for file in files(answer)}
        wanted |= {name for file in files(answer) for name in file.dependency}

    assert "buf/validate/validate.proto" in seen
    assert "google/protobuf/descriptor.proto" in seen


async def test_buf_curl_calls_a_method_that_it_knows_by_reflection_only() -> None:
    async with serving(core()) as (app, _):
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("buf"),
            "curl",
            "--protocol=grpc",
            "--http2-prior-knowledge",
            f"http://127.0.0.1:{app.port}/audience_gateway.v1.ConnectorService/ListConnections",
            stdout=asyncio.subprocess.PIPE,
            env={"NO_PROXY": "127.0.0.1", "HOME": "/nonexistent"},
        )
        printed, _ = await process.communicate()

    assert json.loads(printed) == {"connections": [{"name": "connections/corner", "connector": "connectors/shop"}]}


def files(answer: ServerReflectionResponse) -> list[FileDescriptorProto]:
    return [FileDescriptorProto.FromString(one) for one in answer.file_descriptor_response.file_descriptor_proto]
