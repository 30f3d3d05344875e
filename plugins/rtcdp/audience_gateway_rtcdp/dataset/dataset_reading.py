"""Reads the members of an audience out of a dataset, which a job fills first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import DataSource, MemberBatch, MemberPage, Permanent, ReadRequest, Reason
from pydantic import BaseModel, ConfigDict, ValidationError

from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.consent import opted_out
from audience_gateway_rtcdp.dataset.data_access import DataAccess, DataFile
from audience_gateway_rtcdp.dataset.dataset_settings import DatasetSettings
from audience_gateway_rtcdp.dataset.export_jobs import ExportJobs
from audience_gateway_rtcdp.dataset.graph_check import GraphCheck
from audience_gateway_rtcdp.dataset.profiles import consents_in, only_elsewhere, rows_of
from audience_gateway_rtcdp.governance_settings import ConsentSettings

_IDENTITIES = "identityMap"
_NO_TEXT = pa.scalar(None, pa.string())


class Position(BaseModel):
    """Where reading goes on; as JSON it is the resume token.

    Attributes:
        batch: the batch that the job has written.
        file: index of the file.
        rows: rows of the file before the place.
    """

    model_config = ConfigDict(frozen=True)

    batch: str
    file: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class DatasetReading:
    """Reads audiences by what the gateway calls them.

    Attributes:
        catalogue: knows the platform's ids.
        settings: of the dataset.
        consent: who has opted out.
    """

    catalogue: Catalogue
    settings: DatasetSettings
    consent: ConsentSettings

    async def require(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError or Permanent if members cannot be read, and what a call raises."""
        self.settings.namespace_of(source)
        await self.catalogue.require(audience)

    async def changes_only(self, audience: str) -> bool:  # noqa: ARG002  # as with files
        """Whether what is read of an audience is only who has joined and left: a dataset holds all members."""
        return False

    async def members(self, request: ReadRequest) -> AsyncGenerator[MemberPage, None]:
        """A row for each id of each member, and one for a member without. Raises Permanent, and what a call raises."""
        namespace = self.settings.namespace_of(request.source)
        position = await self._begin(request.audience) if request.after is None else self._position(request.after)
        access = DataAccess(self.catalogue.platform)
        files = await access.files(position.batch)
        for index in range(position.file, len(files)):
            begin = position if index == position.file else Position(batch=position.batch, file=index)
            async with aclosing(self._file(access, files[index], begin, namespace)) as pages:
                async for page in pages:
                    yield page

    async def _begin(self, audience: str) -> Position:
        platform_id = (await self.catalogue.require(audience)).id
        fields = [_IDENTITIES, *(name.replace("_", ".") for name in self.consent.columns)]
        jobs = ExportJobs(self.catalogue.platform, self.settings)
        return Position(batch=await jobs.run(platform_id, fields))

    async def _file(
        self, access: DataAccess, file: DataFile, begin: Position, namespace: str
    ) -> AsyncGenerator[MemberPage, None]:
        with TemporaryDirectory(prefix="audience-gateway-rtcdp-") as directory:
            copy = Path(directory) / "profiles.parquet"
            await access.fetch(file, copy)
            batches = rows_of(copy, namespace, self.consent.columns)
            passed = 0
            while (batch := await self._next(batches)) is not None:
                rest = batch.slice(max(0, begin.rows - passed))
                passed += batch.num_rows
                if rest.num_rows:
                    token = begin.model_copy(update={"rows": passed}).model_dump_json()
                    out = opted_out(consents_in(rest), rest.num_rows, self.consent)
                    yield MemberPage(await self._members(rest, namespace, out), token, self.settings.encoded)

    async def _members(self, rows: pa.RecordBatch, namespace: str, out: pa.BooleanArray) -> MemberBatch:
        """Rows whose id is missing, lost or held back have that as their defect, and no id."""
        shared = self.settings.shared_devices == "share"
        found = [(pc.and_(rows.column("may_be_several"), pa.scalar(not shared)), Reason.AMBIGUOUS_ID)]
        if self.settings.check_graph:
            found.append((await GraphCheck(self.catalogue.platform, namespace).lost(rows), Reason.LOST_IN_GRAPH))
        found.append((only_elsewhere(rows), Reason.WRONG_NAMESPACE))
        reasons = pc.case_when(pc.make_struct(*(faults for faults, _ in found)), *(reason.value for _, reason in found))
        ids = pc.if_else(pc.is_null(reasons), rows.column("id"), pa.scalar(None, pa.string()))
        return MemberBatch.of(ids, opted_out=out, defects=reasons)

    async def _next(self, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
        try:
            return await asyncio.to_thread(next, batches, None)
        except (duckdb.Error, pa.ArrowException) as error:
            raise Permanent(
                f"a file of the dataset cannot be read ({type(error).__name__})",
                place=self.catalogue.platform.place,
                remedy="Check that the dataset has the profiles' union schema, and share again.",
            ) from error

    def _position(self, token: str) -> Position:
        try:
            return Position.model_validate_json(token)
        except ValidationError as error:
            raise Permanent(
                "the resume token is none of this connection", place=self.catalogue.platform.place
            ) from error
