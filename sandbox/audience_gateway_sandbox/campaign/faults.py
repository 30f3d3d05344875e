"""Faults as Campaign words them (sandbox 3.2, campaign 3.11)."""

from __future__ import annotations

SESSION_REFUSED = "XSV-350008 Session has expired or is invalid. Please reconnect."
_LONGEST_QUOTE = 500
LOGIN_REFUSED = "XSV-350012 Invalid login or password. Connection denied."


class SoapFault(Exception):
    """A call that ends in a fault.

    Args:
        text: the fault's text; begins with a code.
        detail: what lies behind it.
        client: whether the caller's message is to blame rather than what it asks for.
    """

    def __init__(self, text: str, detail: str = "", *, client: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.detail = detail
        self.code = "SOAP-ENV:Client" if client else "SOAP-ENV:Server"


class SessionFault(SoapFault):
    """The caller's session or token is refused."""

    def __init__(self) -> None:
        super().__init__(SESSION_REFUSED)


class LoginFault(SoapFault):
    """A logon is refused; the text tells neither password nor whether the operator exists."""

    def __init__(self) -> None:
        super().__init__(LOGIN_REFUSED)


class MethodError(Exception):
    """A method cannot do what it is asked for; its text, with a code in front, becomes the fault's detail."""


def undefined_method(service: str, method: str) -> SoapFault:
    """Word the fault for a method that a service does not have."""
    return SoapFault(f"SOP-330006 The method '{method}' is not defined in the '{service}' service.")


def failed_method(service: str, method: str, cause: MethodError) -> SoapFault:
    """Wrap the cause of a failure in the fault that Campaign answers for all of them."""
    return SoapFault(f"SOP-330011 Error while executing the method '{method}' of service '{service}'.", str(cause))


def malformed(what: str) -> SoapFault:
    """Word the fault for a message that is no SOAP call; the code is the emulator's own."""
    return SoapFault("SOP-330000 The message is not a SOAP call.", what, client=True)


def unknown_schema(schema: str) -> MethodError:
    """Word the error for a schema that the instance does not have."""
    return MethodError(f"XFR-180000 Unable to find the schema '{schema}'.")


def unparsable(expression: str) -> MethodError:
    """Word the error for an expression that breaks the grammar."""
    return MethodError(f"XTK-170006 Unable to parse expression '{expression[:_LONGEST_QUOTE]}'.")


def unknown_attribute(xpath: str, schema: str) -> MethodError:
    """Word the error for an attribute or link that a schema does not have."""
    return MethodError(f"XTK-170036 Unable to parse expression '{xpath}': it is not defined in '{schema}'.")
