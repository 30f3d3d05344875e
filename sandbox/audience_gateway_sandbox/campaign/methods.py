"""What each method does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from audience_gateway_sandbox.campaign.access import Caller
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.database import ERRORS
from audience_gateway_sandbox.campaign.elements import Element
from audience_gateway_sandbox.campaign.entities import entity_if_more_recent
from audience_gateway_sandbox.campaign.envelope import Call
from audience_gateway_sandbox.campaign.event_methods import pushes_one, pushes_several
from audience_gateway_sandbox.campaign.faults import MethodError
from audience_gateway_sandbox.campaign.queries import execute_query
from audience_gateway_sandbox.campaign.session_methods import (
    bearer_token_logon,
    get_option,
    get_server_time,
    get_user_info,
    logoff,
    logon,
    prove_connection,
)
from audience_gateway_sandbox.campaign.signatures import (
    BEARER_TOKEN_LOGON,
    EXECUTE_QUERY,
    GET_ENTITY_IF_MORE_RECENT,
    GET_OPTION,
    GET_SERVER_TIME,
    GET_USER_INFO,
    LOGOFF,
    LOGON,
    PAUSE,
    POST_EVENT,
    PUSH_BATCH_EVENT,
    PUSH_BATCH_EVENTS,
    PUSH_LIVE_EVENT,
    PUSH_LIVE_EVENTS,
    START,
    START_WITH_PARAMETERS,
    STOP,
    TEST_CONNECTION,
    WRITE,
    WRITE_COLLECTION,
    Method,
)
from audience_gateway_sandbox.campaign.workflow_methods import pause, post_event, start, stop
from audience_gateway_sandbox.campaign.writing import write, write_collection
from audience_gateway_sandbox.workflows.verbs import WorkflowError

Run = Callable[[Campaign, Call, Caller], tuple[str, ...]]


def run(method: Method, campaign: Campaign, call: Call, caller: Caller) -> tuple[str, ...]:
    """Run a method and answer its results in their order. Raises MethodError or SoapFault."""
    try:
        return _RUNS[method](campaign, call, caller)
    except WorkflowError as error:
        raise MethodError(str(error)) from None
    except RecursionError:
        raise MethodError("XTK-170006 The document is nested too deeply.") from None
    except ERRORS as error:
        # The codes of the real database are of no use to a caller, its kind of error is.
        raise MethodError(f"PGS-220000 Database error: {type(error).__name__}.") from error


def _execute_query(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    return (execute_query(_document(call), campaign.database, campaign.schemas, campaign.clock.now()),)


def _get_entity(campaign: Campaign, call: Call, __: Caller) -> tuple[str, ...]:
    must_exist = call.text(2).lower() in {"true", "1"}
    return (entity_if_more_recent(campaign.schemas, call.text(0), call.text(1), must_exist=must_exist),)


def _write(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    write(campaign, _document(call))
    return ()


def _write_collection(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    write_collection(campaign, _document(call))
    return ()


def _document(call: Call) -> Element:
    document = call.document(0)
    if document is None:
        raise MethodError(f"XTK-170012 The call of '{call.method}' has no document.")
    return document


_RUNS: Mapping[Method, Run] = {
    LOGON: logon,
    BEARER_TOKEN_LOGON: bearer_token_logon,
    LOGOFF: logoff,
    TEST_CONNECTION: prove_connection,
    GET_SERVER_TIME: get_server_time,
    GET_USER_INFO: get_user_info,
    GET_OPTION: get_option,
    EXECUTE_QUERY: _execute_query,
    GET_ENTITY_IF_MORE_RECENT: _get_entity,
    WRITE: _write,
    WRITE_COLLECTION: _write_collection,
    POST_EVENT: post_event,
    START: start,
    START_WITH_PARAMETERS: start,
    STOP: stop,
    PAUSE: pause,
    PUSH_LIVE_EVENT: pushes_one("rt_event"),
    PUSH_LIVE_EVENTS: pushes_several("rt_event"),
    PUSH_BATCH_EVENT: pushes_one("batch_event"),
    PUSH_BATCH_EVENTS: pushes_several("batch_event"),
}
