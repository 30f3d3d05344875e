"""How the platform's services meet HTTP: addresses, calls, answers, refusals, bodies."""

from audience_gateway_sandbox.platform.wire.bodies import OPEN, checked
from audience_gateway_sandbox.platform.wire.call import Answer, Call, Handler, Refusal, Shape
from audience_gateway_sandbox.platform.wire.endpoint import Endpoint, Service
from audience_gateway_sandbox.platform.wire.patches import Patch, patched
from audience_gateway_sandbox.platform.wire.router import routes

__all__ = [
    "OPEN",
    "Answer",
    "Call",
    "Endpoint",
    "Handler",
    "Patch",
    "Refusal",
    "Service",
    "Shape",
    "checked",
    "patched",
    "routes",
]
