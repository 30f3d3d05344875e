from __future__ import annotations

import grpc
import pytest
from audience_gateway.v1 import transfer_pb2
from audience_gateway.v1.identity_pb2 import CANDIDATE_POLICY_ALL, CODEC_NONE, MatchRule
from audience_gateway.v1.transfer_service_pb2 import GetMatchReportRequest
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from google.protobuf.timestamp_pb2 import Timestamp
from loopback import NOON, core, refusal, serving


async def test_a_match_report_has_rows_by_class_and_what_they_would_match_by() -> None:
    async with serving(core()) as (_, channel):
        answer = await TransferServiceStub(channel).GetMatchReport(GetMatchReportRequest(name="transfers/t-1"))

    rule = MatchRule(data_source="dataSources/cards", id_type="idTypes/card", recipe="trim@1", codec=CODEC_NONE)
    assert answer.report == transfer_pb2.MatchReport(
        transfer="transfers/t-1",
        connection="connections/corner",
        rule=rule,
        candidate_policy=CANDIDATE_POLICY_ALL,
        rows_read=9,
        counts=[
            transfer_pb2.MatchCount(match=transfer_pb2.MATCH_CLASS_MATCHED),
            transfer_pb2.MatchCount(match=transfer_pb2.MATCH_CLASS_UNMATCHED, rows=9, reasons={"unknown_id": 9}),
            transfer_pb2.MatchCount(match=transfer_pb2.MATCH_CLASS_INVALID),
            transfer_pb2.MatchCount(match=transfer_pb2.MATCH_CLASS_NOT_JUDGED),
        ],
        trial=transfer_pb2.MATCH_TRIAL_STATE_TRIED,
        rows_to_try=9,
        rows_tried=8,
        rows_matching_now=1,
        would_match=[
            transfer_pb2.WouldMatchRows(condition="the ids were whole", remedy="Do not tear them.", rule=rule, rows=2)
        ],
        index_read_time=Timestamp(seconds=int(NOON.timestamp())),
        shared_ids=transfer_pb2.SharedIds(by_several=4, by_many=3, by_too_many=2, most_people=12_000),
    )


async def test_a_name_that_is_none_of_a_transfer_is_refused() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).GetMatchReport(GetMatchReportRequest(name="t-1"))

    assert refusal(caught.value)[1] == "INVALID_REQUEST"
