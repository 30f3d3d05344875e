"""Keeps two calls about one user from running side by side (audience-manager 6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

_users: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()  # connections come and go


@asynccontextmanager
async def alone(namespace: str, user: str) -> AsyncIterator[None]:
    """Waits until no other block of this process is about the user; lasts as long as the block."""
    lock = _users.setdefault((namespace, user), asyncio.Lock())
    async with lock:
        yield
