"""One kind of object: list, get, create, update, delete (audience-manager 1.3)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from audience_gateway.sdk.audience_manager.rest import listing
from audience_gateway.sdk.audience_manager.rest.objects import AamObject
from audience_gateway.sdk.errors import GatewayError, Permanent
from audience_gateway.sdk.rest import Caller, NotFound

T = TypeVar("T", bound=AamObject)
Values = Mapping[str, Any]
Filters = Sequence[tuple[str, str]]


class Resource(Generic[T]):
    """The objects below one path. Every method raises what a call raises.

    Args:
        caller: the interface.
        path: of the list, with a slash at its end.
        model: what an object is read as.
        page_size: objects of one page.
    """

    def __init__(self, caller: Caller, path: str, model: type[T], page_size: int) -> None:
        self._caller = caller
        self._path = path
        self._model = model
        self._page_size = page_size

    async def all(self, filters: Filters = ()) -> AsyncGenerator[T, None]:
        """Reads all that the filters let through."""
        async with aclosing(listing.items(self._caller, self._path, filters, self._page_size)) as found:
            async for item in found:
                yield self._read(item)

    async def count(self, filters: Filters = ()) -> int:
        """Counts all that the filters let through."""
        return await listing.count(self._caller, self._path, filters)

    async def find(self, key: int | str, query: Filters = ()) -> T | None:
        """Finds one by its id, or by `ic:` and its integration code where it has one; None if there is none."""
        try:
            return self._read((await self._caller.call("GET", f"{self._path}{key}", query=query)).content)
        except NotFound:
            return None

    async def create(self, values: Values) -> T:
        """Creates one from values under their names on the wire."""
        return self._read((await self._caller.call("POST", self._path, body=dict(values))).content)

    async def update(self, key: int, changes: Values) -> T:
        """Changes some values and keeps the others; the version goes along, so that a change meanwhile is noticed."""
        path = f"{self._path}{key}"
        before = await self._caller.call("GET", path)
        values = {**self._mapping(before.content), **changes}
        return self._read((await self._caller.call("PUT", path, body=values, if_match=before.etag)).content)

    async def delete(self, key: int) -> None:
        """Deletes one; one that is not there is no error."""
        with suppress(NotFound):
            await self._caller.call("DELETE", f"{self._path}{key}")

    async def delete_all(self, keys: Sequence[int]) -> Sequence[int]:
        """Deletes several at once.

        Whatever is answered, it is looked up what has become of them: the call may say that it failed though it did
        not (audience-manager 10).

        Returns:
            Those that are still there, in their order.

        Raises what the call raised, if it failed and left all of them.
        """
        failure: GatewayError | None = None
        try:
            await self._caller.call("POST", f"{self._path}bulk-delete", body=list(keys))
        except GatewayError as error:
            failure = error
        left = [key for key in keys if await self.find(key) is not None]
        if failure is not None and len(left) == len(keys):
            raise failure
        return left

    async def limits(self) -> Values:
        """What Audience Manager says of how many there may be; its form is not documented."""
        return self._mapping((await self._caller.call("GET", f"{self._path}limits")).content)

    def _mapping(self, content: object) -> Values:
        if not isinstance(content, dict):
            raise Permanent(f"found no object at `{self._path}`", place=self._caller.place)
        return content

    def _read(self, content: object) -> T:
        try:
            return self._model.model_validate(content)
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, each["loc"])) for each in error.errors(include_input=False)}))
            raise Permanent(
                f"found an object of `{self._path}` that cannot be read, by its {fields or 'form'}",
                place=self._caller.place,
            ) from None
