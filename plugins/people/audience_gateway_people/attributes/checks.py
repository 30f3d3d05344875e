"""Preflight of an attribute source: what keeps its files from being taken, and what people wonder about later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from audience_gateway.sdk import Bucket, Diagnostic, GatewayError, Severity

from audience_gateway_people.attributes.account import Account, FileState, look
from audience_gateway_people.attributes.inspection import first_finding, header_of
from audience_gateway_people.attributes.limits import ENTITLED, FREQUENCY, SPACE_BYTES
from audience_gateway_people.attributes.settings import CustomerAttributesSettings

_INSPECTED = 3
_UPLOAD_TAKES = timedelta(minutes=10)
_FULL = 0.8


async def check(bucket: Bucket, settings: CustomerAttributesSettings, now: datetime) -> list[Diagnostic]:
    """Finds what is wrong with a connection. Nothing is uploaded."""
    findings = [*_of_settings(settings)]
    try:
        account = await look(bucket)
        findings += [*_of_account(account, now), *await _of_schema(bucket, account, settings)]
        findings += [await _of_failed(bucket, account, settings)] if account.of(FileState.FAILED) else []
    except GatewayError as error:
        summary = f"{error.place}: {error.message}" if error.place else error.message
        findings.append(Diagnostic(Severity.ERROR, summary, "bucket", error.remedy))
    return findings


async def schema_differs(bucket: Bucket, account: Account, settings: CustomerAttributesSettings) -> str:
    """How the columns of the file that was processed last differ from the configured ones; empty if they do not."""
    for file in account.of(FileState.PROCESSED)[:1]:
        header = await header_of(bucket, file)
        if header is not None and header != settings.header:
            return (
                f"{file.name} was processed with {len(header)} columns that are not the configured ones in their order"
            )
    return ""


def _of_settings(settings: CustomerAttributesSettings) -> Iterator[Diagnostic]:
    for subscription in settings.subscriptions:
        many = len(settings.attributes)
        if many > ENTITLED[subscription]:
            yield Diagnostic(
                Severity.WARNING,
                f"There are {many} attributes, and `{subscription}` gets {ENTITLED[subscription]} of them.",
                "subscriptions",
                "Choose fewer attributes for this subscription, or upgrade it.",
            )
    if settings.alias_id != settings.alias_id.lower():
        yield Diagnostic(
            Severity.INFO,
            "The alias id has capitals, and Adobe advises lower case without blanks.",
            "alias_id",
            "Keep it if it is in use: an alias id can never be used again, even if its source is deleted.",
        )


def _of_account(account: Account, now: datetime) -> Iterator[Diagnostic]:
    if account.size > _FULL * SPACE_BYTES:
        severity = Severity.WARNING if account.size < SPACE_BYTES else Severity.ERROR
        yield Diagnostic(
            severity,
            f"The account holds {account.size} of {SPACE_BYTES} bytes.",
            "bucket",
            "Delete files in `processed/`: Adobe does not.",
        )
    incomplete = [file for file in account.of(FileState.INCOMPLETE) if now - file.stored.modified > _UPLOAD_TAKES]
    if incomplete:
        yield Diagnostic(
            Severity.WARNING,
            f"{len(incomplete)} data files have no `.fin`, so that they are never picked up: {incomplete[0].name}.",
            "bucket",
            "Upload an empty file of the same base name, or delete them.",
        )
    times = [file.stored.modified for file in account.files if file.state is not FileState.INCOMPLETE]
    if any(
        later - earlier < FREQUENCY for earlier, later in pairwise(sorted(times)) if now - later < timedelta(days=1)
    ):
        yield Diagnostic(
            Severity.INFO,
            "Within a day, files came less than half an hour after one another: these wait in a queue of low priority.",
            "members_a_file",
            "Share less often, or with more members a file.",
        )


async def _of_schema(bucket: Bucket, account: Account, settings: CustomerAttributesSettings) -> list[Diagnostic]:
    if difference := await schema_differs(bucket, account, settings):
        return [Diagnostic(Severity.ERROR, f"{difference}.", "attributes", REMEDY_OF_SCHEMA)]
    return []


async def _of_failed(bucket: Bucket, account: Account, settings: CustomerAttributesSettings) -> Diagnostic:
    failed = account.of(FileState.FAILED)
    found = [
        f"{file.name}: {await first_finding(bucket, file, settings) or 'nothing found'}" for file in failed[:_INSPECTED]
    ]
    return Diagnostic(
        Severity.WARNING,
        f"{len(failed)} files failed; the last ones are {'; '.join(found)}.",
        "bucket",
        "Upload their content again once that is mended, and delete them.",
    )


REMEDY_OF_SCHEMA = (
    "The first upload fixes the columns. Configure those, or remove the source's subscriptions at Adobe and begin anew:"
    " a change deletes its attributes."
)
