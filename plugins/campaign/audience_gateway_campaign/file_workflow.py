"""The connector with the transport `file_workflow`: drops a file, then signals the workflow that loads it.

What a connection can do follows from what its workflow does, so there is a class for each of the three modes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from audience_gateway.sdk import (
    Audience,
    Context,
    DataSource,
    Diagnostic,
    GatewayError,
    IndexChangesPage,
    IndexChangesRequest,
    IndexMark,
    IndexPage,
    IndexRequest,
    MemberPage,
    ReadRequest,
    Severity,
    TargetBatch,
    WritePromise,
    WriteRequest,
    WriteResult,
)

from audience_gateway_campaign.connector import CampaignConnector
from audience_gateway_campaign.file_workflow_file import Operation, file_name, header, lines
from audience_gateway_campaign.file_workflow_settings import FileWorkflowSettings
from audience_gateway_campaign.file_workflow_signal import Signal, SoapSignal
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings
from audience_gateway_campaign.v8_limits import require_allowed
from audience_gateway_campaign.v8_rest import CampaignRest, RestSignal


class FileWorkflow:
    """What all modes have in common: lists are read and created by SOAP."""

    def __init__(self, settings: CampaignSettings, workflow: FileWorkflowSettings, context: Context) -> None:
        self._settings = settings
        self._workflow = workflow
        self._context = context
        self._soap = CampaignConnector(settings, context)
        self._session = Session(settings, context)
        self._bucket = context.bucket(workflow.bucket, workflow.bucket_credentials)
        self._signal = self._signalling()

    async def open(self) -> None:
        """Do nothing yet: the first call logs on."""
        await self._soap.open()

    async def check(self) -> Sequence[Diagnostic]:
        """Try the instance, the bucket and the workflow."""
        findings = [*await self._soap.check()]
        try:
            async for _ in self._bucket.list(self._workflow.prefix):
                break
        except GatewayError as error:
            findings.append(_finding(error, "file_workflow.bucket"))
        try:
            await self._signal.require_started()
        except GatewayError as error:
            findings.append(_finding(error, "file_workflow.workflow"))
        return findings

    async def close(self) -> None:
        """Log off."""
        try:
            await self._soap.close()
        finally:
            await self._session.close()

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """Read all lists of recipients."""
        async with aclosing(self._soap.list_audiences()) as found:  # type: ignore[type-var]  # a generator, as `Connector` has it
            async for each in found:
                yield each

    async def get_audience(self, audience: str) -> Audience | None:
        """Find a list by its internal name."""
        return await self._soap.get_audience(audience)

    async def create_audience(self, audience: str, title: str) -> Audience:
        """Create a list, or answer the one that is there."""
        return await self._soap.create_audience(audience, title)

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Read a list's members by SOAP."""
        async for page in self._soap.read_members(request):
            yield page

    async def read_index(self, request: IndexRequest) -> AsyncIterator[IndexPage]:
        """Read which recipient owns which id of the data source."""
        async for page in self._soap.read_index(request):
            yield page

    async def mark_index(self, source: DataSource, since: str | None) -> IndexMark:
        """Find out when recipients and tracking logs have changed last."""
        return await self._soap.mark_index(source, since)

    async def read_index_changes(self, request: IndexChangesRequest) -> AsyncIterator[IndexChangesPage]:
        """Read what has changed since the times of a mark."""
        async for page in self._soap.read_index_changes(request):
            yield page

    def reconciles(self, source: DataSource) -> bool:
        """Tell whether files hold keys of recipients, rather than ids that the workflow reconciles."""
        return self._workflow.content == "recipients" and self._soap.reconciles(source)

    async def check_destination(self, audience: str, source: DataSource) -> None:  # noqa: ARG002  # the contract's
        """Raise what forbids a transfer to the list: limits of Managed Cloud Services, a workflow that is stopped."""
        if self._settings.managed_cloud is not None:
            limits = self._settings.managed_cloud
            await require_allowed(limits, self._workflow, self._bucket, audience, self._context.now())
        await self._signal.require_started()

    async def _load(self, audience: str, key: str, content: AsyncIterator[bytes]) -> None:
        name = file_name(audience, key)
        await self._signal.require_started()
        await self._bucket.write(f"{self._workflow.prefix}{name}", content)
        named = {self._workflow.file_variable: name, self._workflow.list_variable: audience}
        await self._signal.post(self._workflow.variables | named)

    async def _change(self, request: WriteRequest, operation: Operation) -> WriteResult:
        async def content() -> AsyncIterator[bytes]:
            yield header(self._workflow) + await asyncio.to_thread(lines, self._workflow, request.batch, operation)

        await self._load(request.audience, request.key, content())
        return WriteResult(len(request.batch))

    def _signalling(self) -> Signal:
        if self._workflow.rest is None:
            return SoapSignal(self._session, self._workflow)
        credentials = self._context.credentials(self._settings.credentials)
        rest = CampaignRest(self._workflow.rest, self._context, credentials, self._settings.timeout_seconds)
        return RestSignal(rest, self._workflow.workflow)


class AddingWorkflow(FileWorkflow):
    """The workflow adds what is in the file to the list."""

    def write_promise(self) -> WritePromise:
        """Tell that a repeat is the same file, whose members the list has already."""
        return WritePromise.IDEMPOTENT_BY_FILE_NAME

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Have members added; the workflow's journal says what became of them."""
        return await self._change(request, "add")


class ChangingWorkflow(AddingWorkflow):
    """The workflow adds and removes, as a column says."""

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Have members removed; the workflow's journal says what became of them."""
        return await self._change(request, "remove")


class ReplacingWorkflow(FileWorkflow):
    """The workflow purges the list first."""

    async def replace_members(
        self,
        audience: str,
        source: DataSource,  # noqa: ARG002  # the signature is the contract's
        batches: AsyncIterator[TargetBatch],
        key: str,
    ) -> WriteResult:
        """Have the list hold these members and no others, once the workflow has loaded them."""
        members = 0

        async def content() -> AsyncIterator[bytes]:
            nonlocal members
            yield header(self._workflow)
            async for batch in batches:
                members += len(batch)
                yield await asyncio.to_thread(lines, self._workflow, batch, "add")

        await self._load(audience, key, content())
        return WriteResult(members)


MODES: dict[str, type[FileWorkflow]] = {
    "add": AddingWorkflow,
    "add_and_remove": ChangingWorkflow,
    "replace": ReplacingWorkflow,
}
"""The class for each mode of the settings."""


def _finding(error: GatewayError, path: str) -> Diagnostic:
    summary = f"{error.place}: {error.message}" if error.place else error.message
    return Diagnostic(Severity.ERROR, summary, path, error.remedy)
