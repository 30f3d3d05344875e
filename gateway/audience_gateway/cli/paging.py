"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar


class _Request(Protocol):
    page_token: str


class _Response(Protocol):
    @property
    def next_page_token(self) -> str: ...


Request = TypeVar("Request", bound=_Request)
Response = TypeVar("Response", bound=_Response)


def pages(call: Callable[[Request], Response], request: Request) -> Iterator[Response]:
    """All answers of a listing call, each fetched when it is asked for. The request's page token is changed."""
    while True:
        response = call(request)
        yield response
        if not response.next_page_token:
            return
        request.page_token = response.next_page_token
