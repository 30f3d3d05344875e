from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc
import pytest
from audience_gateway.cli.main import app
from audience_gateway.v1 import (
    audience_service_pb2,
    audience_service_pb2_grpc,
    connector_service_pb2,
    connector_service_pb2_grpc,
    identity_service_pb2,
    identity_service_pb2_grpc,
    schedule_service_pb2,
    schedule_service_pb2_grpc,
    transfer_service_pb2,
    transfer_service_pb2_grpc,
)
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from typer.testing import CliRunner

SERVICES = (
    (audience_service_pb2, audience_service_pb2_grpc, "AudienceService"),
    (connector_service_pb2, connector_service_pb2_grpc, "ConnectorService"),
    (identity_service_pb2, identity_service_pb2_grpc, "IdentityService"),
    (schedule_service_pb2, schedule_service_pb2_grpc, "ScheduleService"),
    (transfer_service_pb2, transfer_service_pb2_grpc, "TransferService"),
)


@dataclass
class FakeGateway:
    """Answers each method as `answers` or `calls` says, and keeps the requests; a call is told its context, too."""

    address: str = ""
    answers: dict[str, Message | status_pb2.Status | Callable] = field(default_factory=dict)
    calls: dict[str, Callable] = field(default_factory=dict)
    requests: list[Message] = field(default_factory=list)

    def refuse(self, method, code, message, *details):
        status = status_pb2.Status(code=code.value[0], message=message)
        for detail in details:
            status.details.add().Pack(detail)
        self.answers[method] = status

    def method(self, name):
        def call(_servicer, request, context):
            self.requests.append(request)
            if name in self.calls:
                return self.calls[name](request, context)
            answer = self.answers[name]
            answer = answer(request) if callable(answer) else answer
            if isinstance(answer, status_pb2.Status):
                context.abort_with_status(rpc_status.to_status(answer))
            return answer

        return call

    def add_to(self, server):
        for messages, calls, service in SERVICES:
            methods = messages.DESCRIPTOR.services_by_name[service].methods
            base = getattr(calls, f"{service}Servicer")
            servicer = type(service, (base,), {method.name: self.method(method.name) for method in methods})
            getattr(calls, f"add_{service}Servicer_to_server")(servicer(), server)


@pytest.fixture
def gateway():
    fake = FakeGateway()
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    fake.add_to(server)
    fake.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield fake
    server.stop(grace=None).wait()


@pytest.fixture
def run(gateway):
    """Runs the command line against the fake gateway."""

    def command(*arguments, stdin=None):
        return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["--address", gateway.address, *arguments], input=stdin)

    return command


@pytest.fixture
def error_info():
    def info(reason, **metadata):
        return error_details_pb2.ErrorInfo(reason=reason, domain="audience-gateway", metadata=metadata)

    return info
