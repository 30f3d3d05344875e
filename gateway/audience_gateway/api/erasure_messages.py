"""From erasures to messages of the API."""

from __future__ import annotations

from audience_gateway.api import names
from audience_gateway.api.encode import time
from audience_gateway.erasures.model import Erasure, Target, TargetState
from audience_gateway.v1 import erasure_pb2, transfer_pb2

_STATES = {
    TargetState.PENDING: erasure_pb2.ERASURE_STATE_PENDING,
    TargetState.DONE: erasure_pb2.ERASURE_STATE_DONE,
    TargetState.NOT_SUPPORTED: erasure_pb2.ERASURE_STATE_NOT_SUPPORTED,
    TargetState.FAILED: erasure_pb2.ERASURE_STATE_FAILED,
}


def erasure(value: Erasure) -> erasure_pb2.Erasure:
    """An erasure."""
    return erasure_pb2.Erasure(
        name=names.erasure(value.id),
        ids=value.keys,
        data_sources=[names.data_source(source) for source in value.data_sources],
        targets=[_target(target) for target in value.targets],
        create_time=time(value.created),
        ended=value.ended,
    )


def _target(value: Target) -> erasure_pb2.ErasureTarget:
    place, failure, receipt = value.place, value.failure, value.receipt
    signature = receipt.signature if receipt else None
    return erasure_pb2.ErasureTarget(
        audience=str(place.destination) if place.destination else "",
        data_source=names.data_source(place.data_source) if place.data_source else "",
        state=_STATES[value.state],
        attempts=value.attempts,
        transfer=names.transfer(value.transfer) if value.transfer else "",
        failure=transfer_pb2.Failure(reason=failure.reason, message=failure.message, remedy=failure.remedy)
        if failure
        else None,
        next_time=time(value.next_look),
        update_time=time(value.updated),
        canonical_json=receipt.text if receipt else "",
        signature=signature.value if signature else b"",
        key_id=signature.key_id if signature else "",
    )
