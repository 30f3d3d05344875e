"""What went wrong, as one line on stderr: what, where, and what to do about it."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import grpc
import typer
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from typer.core import TyperGroup

Detail = TypeVar("Detail", error_details_pb2.ErrorInfo, error_details_pb2.BadRequest)

FAILED = 1
WITHHELD = 3


class CommandError(Exception):
    """Ends a command.

    Attributes:
        message: what was found.
        remedy: what to do about it; empty if there is nothing to advise.
        exit_code: what the process answers.
    """

    def __init__(self, message: str, remedy: str = "", *, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code


class ReportingGroup(TyperGroup):
    """The root of all commands: ends with one line, not with a traceback, when a command could not do its work."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the types are private to typer
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            print_error(error)
            raise typer.Exit(error.exit_code) from error
        except grpc.RpcError as error:
            print_error(complaint(cast("grpc.Call", error), ctx.params["address"]))
            raise typer.Exit(FAILED) from error


def print_error(error: CommandError) -> None:
    """Prints one line on stderr."""
    print_note(f"error: {_sentences(error.message, error.remedy)}")


def print_note(text: str) -> None:
    """Prints one line on stderr that is no error."""
    typer.echo(" ".join(text.split()), err=True)


def complaint(error: grpc.Call, address: str) -> CommandError:
    """What the gateway at the address complains about, or that there is none."""
    code, text = error.code(), error.details() or ""
    status = rpc_status.from_call(error)
    info = _detail(status, error_details_pb2.ErrorInfo())
    if info is not None:
        place = info.metadata.get("place", "")
        where = f"{place}: " if place and place not in text else ""
        remedy = info.metadata.get("remedy", "")
        return CommandError(f"{where}{_with_fields(text, status)}", "" if remedy in text else remedy)
    if code is grpc.StatusCode.UNAVAILABLE:
        return CommandError(
            f"no gateway answers at {address}",
            "Start one with `audience-gateway serve --config gateway.toml`, or name its address with --address.",
        )
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return CommandError(
            f"the server at {address} does not know this call", "Check that it is a gateway of this version."
        )
    return CommandError(f"{code.name.lower().replace('_', ' ')}: {text}")


def _with_fields(text: str, status: status_pb2.Status | None) -> str:
    request = _detail(status, error_details_pb2.BadRequest())
    if request is None:
        return text
    violations = (f"{violation.field}: {violation.description}" for violation in request.field_violations)
    return "; ".join([text, *(violation for violation in violations if violation not in text)])


def _detail(status: status_pb2.Status | None, empty: Detail) -> Detail | None:
    for detail in status.details if status else ():
        if detail.Unpack(empty):
            return empty
    return None


def _sentences(message: str, remedy: str) -> str:
    if not remedy:
        return message
    return f"{message} {remedy}" if message.endswith((".", "!", "?")) else f"{message}. {remedy}"
