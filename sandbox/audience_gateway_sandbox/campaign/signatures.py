"""The methods of the instance: what is called, with which parameters (sandbox 3.3 to 3.5, campaign 3.9, 3.10)."""

from __future__ import annotations

from dataclasses import dataclass

SESSION = "xtk:session"
PERSIST = "xtk:persist"
QUERY = "xtk:queryDef"
WORKFLOW = "xtk:workflow"
LIVE_EVENT = "nms:rtEvent"
BATCH_EVENT = "nms:batchEvent"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter.

    Attributes:
        name: as the schema spells it.
        type: as the schema spells it; whatever is no simple type is a document.
        is_output: whether it is a result.
        wire_name: as answers spell it.
    """

    name: str
    type: str
    is_output: bool = False
    wire_name: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """A method.

    Attributes:
        service: the schema that defines it.
        is_static: whether it is about no document; one that is not static has it in front of its parameters.
        is_anonymous: whether a caller that carries no credentials may call it.
        is_logon: whether it is what gives credentials.
    """

    service: str
    name: str
    parameters: tuple[Parameter, ...] = ()
    is_static: bool = True
    is_anonymous: bool = False
    is_logon: bool = False


def _out(name: str, type_: str, wire_name: str) -> Parameter:
    return Parameter(name, type_, is_output=True, wire_name=wire_name)


_TOKENS = (
    _out("sessionToken", "string", "pstrSessionToken"),
    _out("sessionInfo", "DOMElement", "pSessionInfo"),
    _out("securityToken", "string", "pstrSecurityToken"),
)
_DOCUMENT = (Parameter("doc", "DOMDocument"),)

LOGON = Method(
    SESSION,
    "Logon",
    (Parameter("login", "string"), Parameter("password", "string"), Parameter("parameters", "DOMElement"), *_TOKENS),
    is_anonymous=True,
    is_logon=True,
)
BEARER_TOKEN_LOGON = Method(
    SESSION, "BearerTokenLogon", (Parameter("bearerToken", "string"), *_TOKENS), is_anonymous=True, is_logon=True
)
LOGOFF = Method(SESSION, "Logoff")
TEST_CONNECTION = Method(SESSION, "TestCnx")
GET_SERVER_TIME = Method(
    SESSION, "GetServerTime", (_out("serverTime", "datetime", "ptsServerTime"),), is_anonymous=True
)
GET_USER_INFO = Method(SESSION, "GetUserInfo", (_out("userInfo", "sessionUserInfo", "pUserInfo"),))
GET_OPTION = Method(
    SESSION,
    "GetOption",
    (Parameter("name", "string"), _out("value", "string", "pstrValue"), _out("type", "byte", "pbtType")),
)
WRITE = Method(PERSIST, "Write", _DOCUMENT)
WRITE_COLLECTION = Method(PERSIST, "WriteCollection", _DOCUMENT)
GET_ENTITY_IF_MORE_RECENT = Method(
    PERSIST,
    "GetEntityIfMoreRecent",
    (
        Parameter("pk", "string"),
        Parameter("md5", "string"),
        Parameter("mustExist", "boolean"),
        _out("doc", "DOMDocument", "pdomDoc"),
    ),
)
EXECUTE_QUERY = Method(QUERY, "ExecuteQuery", (_out("output", "DOMDocument", "pdomOutput"),), is_static=False)

# Adobe names most of these parameters in no public document (campaign 3.9, 3.10): they count by position.
_WORKFLOW_ID = Parameter("workflowId", "string")
_VARIABLES = Parameter("parameters", "DOMElement")
POST_EVENT = Method(
    WORKFLOW,
    "PostEvent",
    (
        _WORKFLOW_ID,
        Parameter("activity", "string"),
        Parameter("transition", "string"),
        _VARIABLES,
        Parameter("complete", "boolean"),
    ),
)
START = Method(WORKFLOW, "Start", (_WORKFLOW_ID,))
START_WITH_PARAMETERS = Method(WORKFLOW, "StartWithParameters", (_WORKFLOW_ID, _VARIABLES))
STOP = Method(WORKFLOW, "Stop", (_WORKFLOW_ID,))
PAUSE = Method(WORKFLOW, "Pause", (_WORKFLOW_ID,))

_EVENT = (Parameter("event", "DOMElement"), _out("id", "int64", "plId"))
_EVENTS = (Parameter("events", "DOMElement"), _out("id", "int64", "plId"))
PUSH_LIVE_EVENT = Method(LIVE_EVENT, "PushEvent", _EVENT)
PUSH_LIVE_EVENTS = Method(LIVE_EVENT, "PushEvents", _EVENTS)
PUSH_BATCH_EVENT = Method(BATCH_EVENT, "PushEvent", _EVENT)
PUSH_BATCH_EVENTS = Method(BATCH_EVENT, "PushEvents", _EVENTS)

METHODS: tuple[Method, ...] = (
    LOGON,
    BEARER_TOKEN_LOGON,
    LOGOFF,
    TEST_CONNECTION,
    GET_SERVER_TIME,
    GET_USER_INFO,
    GET_OPTION,
    WRITE,
    WRITE_COLLECTION,
    GET_ENTITY_IF_MORE_RECENT,
    EXECUTE_QUERY,
    POST_EVENT,
    START,
    START_WITH_PARAMETERS,
    STOP,
    PAUSE,
    PUSH_LIVE_EVENT,
    PUSH_LIVE_EVENTS,
    PUSH_BATCH_EVENT,
    PUSH_BATCH_EVENTS,
)


def find_method(service: str, name: str) -> Method | None:
    """Find a method. What `xtk:persist` defines answers under `xtk:session`, which implements it, and under both."""
    services = set(service.split("|"))
    if SESSION in services:
        services.add(PERSIST)
    return next((method for method in METHODS if method.name == name and method.service in services), None)
