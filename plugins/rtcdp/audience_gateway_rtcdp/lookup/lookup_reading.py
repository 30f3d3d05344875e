"""Reads the members of an audience among few people: the platform is asked about each (rtcdp 0, 7)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from audience_gateway.sdk import Bucket, DataSource, MemberBatch, MemberPage, Permanent, ReadRequest
from pydantic import BaseModel, ConfigDict, ValidationError

from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.lookup.lookup_settings import LookupSettings
from audience_gateway_rtcdp.lookup.profile_access import ProfileAccess
from audience_gateway_rtcdp.namespaces import namespace_of

_PAGE_IDS = 200
_LONGEST_LINE = 4096


class Position(BaseModel):
    """Where reading goes on; as JSON it is the resume token.

    Attributes:
        people: fingerprint of the file.
        asked: how many ids were asked about.
    """

    model_config = ConfigDict(frozen=True)

    people: str
    asked: int = 0


@dataclass(frozen=True, slots=True)
class LookupReading:
    """Reads audiences by what the gateway calls them.

    Attributes:
        catalogue: knows the platform's ids.
        settings: who is asked about.
        access: asks.
        bucket: holds the file with the people.
        place: what the settings call it.
    """

    catalogue: Catalogue
    settings: LookupSettings
    access: ProfileAccess
    bucket: Bucket
    place: str

    async def require(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError or Permanent if members cannot be read, and what a call raises."""
        namespace = namespace_of(self.settings.namespaces, source, self.place)
        await self.catalogue.require(audience)
        people, _ = await self._people()
        if people:
            await self.access.audiences(namespace, people[0])  # whether the edition allows it

    async def changes_only(self, audience: str) -> bool:  # noqa: ARG002  # as with files
        """Whether what is read of an audience is only who has joined and left: it is all members among the people."""
        return False

    async def members(self, request: ReadRequest) -> AsyncGenerator[MemberPage, None]:
        """The ids of the file whose profiles are in the audience. Raises Permanent if the file has changed."""
        namespace = namespace_of(self.settings.namespaces, request.source, self.place)
        found = await self.catalogue.require(request.audience)
        names = {found.id, found.audience_id}
        people, fingerprint = await self._people()
        position = self._position(request.after, fingerprint)
        for begin in range(position.asked, len(people), _PAGE_IDS):
            asked = people[begin : begin + _PAGE_IDS]
            audiences = await self._audiences(namespace, asked)
            ids = [id_ for id_, there in zip(asked, audiences, strict=True) if names & there]
            token = Position(people=fingerprint, asked=begin + len(asked)).model_dump_json()
            yield MemberPage(MemberBatch.of(ids), token, self.settings.encoded)

    async def _audiences(self, namespace: str, ids: Sequence[str]) -> Sequence[frozenset[str]]:
        gate = asyncio.Semaphore(self.settings.at_once)

        async def of(id_: str) -> frozenset[str]:
            async with gate:
                return await self.access.audiences(namespace, id_)

        begun = [asyncio.create_task(of(id_)) for id_ in ids]
        try:
            return await asyncio.gather(*begun)
        finally:
            for each in begun:
                each.cancel()

    async def _people(self) -> tuple[Sequence[str], str]:
        """The ids, each once, and a fingerprint of the file. Raises Permanent for a file that is none of few people."""
        most, content = self.settings.most_people * _LONGEST_LINE, bytearray()
        async for piece in self.bucket.read(self.settings.file):
            content += piece
            if len(content) > most:
                raise self._too_many()
        try:
            lines = content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise Permanent("the file is no UTF-8", place=self._file) from error
        people = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if len(people) > self.settings.most_people:
            raise self._too_many()
        return people, hashlib.sha256(content).hexdigest()[:16]

    def _too_many(self) -> Permanent:
        return Permanent(
            f"the file has more than {self.settings.most_people} ids, each of which would be a call",
            place=self._file,
            remedy="Export the audience to files instead, or raise `lookup.most_people`.",
        )

    @property
    def _file(self) -> str:
        return f"{self.bucket.url}/{self.settings.file}"

    def _position(self, token: str | None, fingerprint: str) -> Position:
        if token is None:
            return Position(people=fingerprint)
        try:
            position = Position.model_validate_json(token)
        except ValidationError as error:
            raise Permanent("the resume token is none of this connection", place=self._file) from error
        if position.people != fingerprint:
            raise Permanent("the file has changed since reading began", place=self._file, remedy="Share again.")
        return position
