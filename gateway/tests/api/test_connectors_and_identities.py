from __future__ import annotations

import grpc
import pytest
from audience_gateway.sdk import CandidatePolicy, Capability, Stability
from audience_gateway.transfers.arrivals import ArrivalState
from audience_gateway.transfers.match_report import MatchClass, TrialState
from audience_gateway.transfers.model import Stage, TransferState
from audience_gateway.v1 import connector_pb2, transfer_pb2
from audience_gateway.v1.connector_service_pb2 import (
    CheckConnectionRequest,
    GetConnectorRequest,
    ListConnectionsRequest,
    ListConnectorsRequest,
)
from audience_gateway.v1.connector_service_pb2_grpc import ConnectorServiceStub
from audience_gateway.v1.identity_pb2 import (
    CANDIDATE_POLICY_ALL,
    CANDIDATE_POLICY_LATEST,
    CODEC_NONE,
    IdentityExplanation,
    MatchCandidate,
    MatchRule,
    WouldMatch,
)
from audience_gateway.v1.identity_service_pb2 import (
    ExplainIdentityRequest,
    ListDataSourcesRequest,
    ListIdTypesRequest,
    ReconcileIdentitiesRequest,
)
from audience_gateway.v1.identity_service_pb2_grpc import IdentityServiceStub
from google.protobuf.timestamp_pb2 import Timestamp
from loopback import NOON, Identities, core, refusal, serving


async def test_connectors_are_listed_with_those_that_failed_to_load() -> None:
    async with serving(core()) as (_, channel):
        answer = await ConnectorServiceStub(channel).ListConnectors(ListConnectorsRequest())

    failed, loaded = answer.connectors
    assert (failed.name, failed.load_error) == ("connectors/kiosk", "it is broken. Update it.")
    assert (loaded.name, loaded.distribution, loaded.version) == ("connectors/shop", "gateway-shop", "1.2")


async def test_a_connector_has_its_capabilities_and_the_schema_of_its_settings() -> None:
    async with serving(core()) as (_, channel):
        answer = await ConnectorServiceStub(channel).GetConnector(GetConnectorRequest(name="connectors/shop"))

    assert answer.connector.capabilities == [connector_pb2.CAPABILITY_AUDIENCE_CATALOGUE]
    assert set(answer.connector.settings_schema["properties"]) == {"audiences", "closed"}


async def test_a_connector_that_is_not_there_is_not_found() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ConnectorServiceStub(channel).GetConnector(GetConnectorRequest(name="connectors/none"))

    assert refusal(caught.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_connections_are_listed_with_their_connector() -> None:
    async with serving(core({"b": {}, "a": {}})) as (_, channel):
        answer = await ConnectorServiceStub(channel).ListConnections(ListConnectionsRequest())

    assert [(one.name, one.connector) for one in answer.connections] == [
        ("connections/a", "connectors/shop"),
        ("connections/b", "connectors/shop"),
    ]


async def test_checking_a_connection_tells_the_worst_first() -> None:
    async with serving(core()) as (_, channel):
        answer = await ConnectorServiceStub(channel).CheckConnection(CheckConnectionRequest(name="connections/corner"))

    assert [one.severity for one in answer.diagnostics] == [
        connector_pb2.SEVERITY_WARNING,
        connector_pb2.SEVERITY_INFO,
    ]


async def test_that_a_connection_cannot_be_opened_is_a_finding() -> None:
    async with serving(core({"corner": {"closed": True}})) as (_, channel):
        answer = await ConnectorServiceStub(channel).CheckConnection(CheckConnectionRequest(name="connections/corner"))

    assert list(answer.diagnostics) == [
        connector_pb2.Diagnostic(
            severity=connector_pb2.SEVERITY_ERROR,
            summary="the shop is closed",
            path="shop.example",
            remedy="Come again.",
        )
    ]


async def test_checking_a_connection_that_is_not_there_is_an_error() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ConnectorServiceStub(channel).CheckConnection(CheckConnectionRequest(name="connections/none"))

    assert refusal(caught.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_id_types_are_those_of_the_installed_strategies() -> None:
    async with serving(core()) as (_, channel):
        answer = await IdentityServiceStub(channel).ListIdTypes(ListIdTypesRequest())

    (card,) = answer.id_types
    assert (card.name, card.title, card.distribution) == ("idTypes/card", "Card", "gateway-shop")


async def test_data_sources_show_their_recipe_with_its_version() -> None:
    async with serving(core()) as (_, channel):
        answer = await IdentityServiceStub(channel).ListDataSources(ListDataSourcesRequest())

    (cards,) = answer.data_sources
    assert (cards.name, cards.id_type, cards.reconciliation_key) == ("dataSources/cards", "idTypes/card", "@card")
    assert (cards.recipe, cards.candidate_policy) == ("trim@1", CANDIDATE_POLICY_ALL)


async def test_reconciling_answers_each_id_in_its_place() -> None:
    asked = core()
    async with serving(asked) as (_, channel):
        answer = await IdentityServiceStub(channel).ReconcileIdentities(
            ReconcileIdentitiesRequest(
                connection="connections/corner",
                data_source="dataSources/cards",
                ids=["1", "", "3"],
                candidate_policy=CANDIDATE_POLICY_ALL,
            )
        )

    assert [(one.index, list(one.targets), one.reason) for one in answer.reconciliations] == [
        (0, ["1"], ""),
        (1, [], "no_id"),
        (2, ["3"], ""),
    ]
    assert isinstance(asked.identities, Identities)
    assert asked.identities.policy is CandidatePolicy.ALL


async def test_explaining_answers_each_step_and_what_was_tried_otherwise() -> None:
    asked = core()
    async with serving(asked) as (_, channel):
        answer = await IdentityServiceStub(channel).ExplainIdentity(
            ExplainIdentityRequest(
                connection="connections/corner", data_source="dataSources/cards", id="1234", in_clear=True
            )
        )

    rule = MatchRule(data_source="dataSources/cards", id_type="idTypes/card", recipe="trim@1", codec=CODEC_NONE)
    noon = Timestamp(seconds=int(NOON.timestamp()))
    assert answer.explanation == IdentityExplanation(
        rule=rule,
        id_fingerprint="aaa",
        value_fingerprint="bbb",
        key_fingerprint="ccc",
        index_entries=7,
        index_read_time=noon,
        records=1,
        shared_by_many=True,
        candidates=[MatchCandidate(target_fingerprint="ddd", last_seen_time=noon, opted_out=True)],
        candidate_policy=CANDIDATE_POLICY_LATEST,
        reason="opted_out",
        meaning="The person has opted out.",
        would_match=[
            WouldMatch(
                condition="the ids were whole",
                remedy="Do not tear them.",
                rule=rule,
                records=2,
                problem="it is not known how",
            )
        ],
    )
    assert isinstance(asked.identities, Identities)
    assert (asked.identities.policy, asked.identities.encoded) == (None, False)


async def test_an_id_that_is_too_long_is_refused_without_being_shown() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await IdentityServiceStub(channel).ExplainIdentity(
                ExplainIdentityRequest(
                    connection="connections/corner", data_source="dataSources/cards", id="secret" * 1000
                )
            )

    assert refusal(caught.value)[1] == "INVALID_REQUEST"
    assert "secret" not in str(caught.value)


def asked_for(number: int) -> ReconcileIdentitiesRequest:
    return ReconcileIdentitiesRequest(
        connection="connections/corner", data_source="dataSources/cards", ids=["1"] * number
    )


async def test_ten_thousand_ids_are_reconciled_in_one_call() -> None:
    async with serving(core()) as (_, channel):
        answer = await IdentityServiceStub(channel).ReconcileIdentities(asked_for(10_000))

    assert len(answer.reconciliations) == 10_000


async def test_more_than_ten_thousand_ids_are_refused() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await IdentityServiceStub(channel).ReconcileIdentities(asked_for(10_001))

    assert refusal(caught.value)[1] == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("kind", "enum", "prefix"),
    [
        (Capability, connector_pb2.Capability, "CAPABILITY"),
        (Stability, connector_pb2.Stability, "STABILITY"),
        (Stage, transfer_pb2.Stage, "STAGE"),
        (TransferState, transfer_pb2.TransferState, "TRANSFER_STATE"),
        (ArrivalState, transfer_pb2.ArrivalState, "ARRIVAL_STATE"),
        (MatchClass, transfer_pb2.MatchClass, "MATCH_CLASS"),
        (TrialState, transfer_pb2.MatchTrialState, "MATCH_TRIAL_STATE"),
    ],
)
def test_every_word_of_the_core_has_its_value_in_the_api(kind, enum, prefix) -> None:
    assert {f"{prefix}_{one.name}" for one in kind} | {f"{prefix}_UNSPECIFIED"} == set(enum.keys())
