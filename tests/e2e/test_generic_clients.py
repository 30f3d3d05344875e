"""A client that knows nothing but the address can use the gateway."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

BUF = Path(sys.executable).with_name("buf")
SERVICES = {
    "audience_gateway.v1.AudienceService",
    "audience_gateway.v1.ConnectorService",
    "audience_gateway.v1.IdentityService",
    "audience_gateway.v1.ScheduleService",
    "audience_gateway.v1.TransferService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}


@pytest.fixture
def curl(gateway):
    """`buf curl`, which knows the API by reflection only."""
    gateway.start()

    def call(path: str = "", body: object = None, *options: str) -> str:
        url = f"http://{gateway.address}{path}"
        command = [str(BUF), "curl", "--protocol", "grpc", "--http2-prior-knowledge", url, *options]
        if body is not None:
            command += ["--data", json.dumps(body)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    return call


def test_services_are_listed(curl):
    assert set(curl("", None, "--list-services").split()) == SERVICES


@pytest.mark.parametrize("protocol", ["grpc-v1", "grpc-v1alpha"])
def test_both_versions_of_reflection_describe_the_api(curl, protocol):
    answer = curl("/audience_gateway.v1.IdentityService/ListIdTypes", {}, "--reflect", "--reflect-protocol", protocol)
    names = [id_type["name"] for id_type in json.loads(answer)["idTypes"]]
    assert names == ["idTypes/declared_id", "idTypes/device_id", "idTypes/visitor_id"]


def test_audiences_are_listed_a_share_is_started_and_watched(curl):
    listed = json.loads(curl("/audience_gateway.v1.AudienceService/ListAudiences", {"parent": "connections/people"}))
    assert [audience["name"] for audience in listed["audiences"]] == ["connections/people/audiences/gold"]
    share = {
        "source": "connections/people/audiences/gold",
        "destination": "connections/campaign/audiences/by-curl",
        "dataSource": "dataSources/visitor-id",
    }
    started = json.loads(curl("/audience_gateway.v1.AudienceService/ShareAudience", share))
    name = {"name": started["transfer"]["name"]}
    watched = curl("/audience_gateway.v1.TransferService/WatchTransfer", name)
    last = json.loads("[" + watched.replace("\n}\n{", "\n},\n{") + "]")[-1]["transfer"]
    assert last["state"] == "TRANSFER_STATE_SUCCEEDED"


def test_health_is_told_by_service_and_ends_its_watches_when_the_gateway_ends(gateway):
    gateway.start()
    with grpc.insecure_channel(gateway.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING
        assert set(health.List(health_pb2.HealthListRequest()).statuses) == {"", *list_of_ours()}
        with pytest.raises(grpc.RpcError) as unknown:
            health.Check(health_pb2.HealthCheckRequest(service="nobody"))
        assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
        watch = health.Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        assert gateway.end() == 0
        assert [answer.status for answer in watch] == [health_pb2.HealthCheckResponse.NOT_SERVING]


def list_of_ours() -> set[str]:
    return {service for service in SERVICES if service.startswith("audience_gateway.")}
