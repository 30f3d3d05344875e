"""Whether earlier files that say the opposite are still to be processed (audience-manager 3.4).

Audience Manager promises no order between files, so that a removal may come before the addition that it was to undo.
Within one transfer none is needed: the gateway says one thing about each member, so that its files may be taken in any
order. Between transfers, a write has to wait until files with the opposite statement are done with.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_lines import InboundLine, RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_numbers import is_of_same_transfer
from audience_gateway.sdk.audience_manager.inbound_stored import StoredFile, content
from audience_gateway.sdk.errors import Transient
from audience_gateway.sdk.gzip_stream import BrokenGzip

_FIRST_LINE_BYTES = 256 * 1024


async def refuse_to_overtake(
    folder: InboundFolder, files: Sequence[StoredFile], key: str, item: RealiseTrait | RemoveTrait, now: datetime
) -> None:
    """Raises Transient if a file of another transfer that says the opposite of the same trait is still pending.

    A file is pending until it is marked as processed, is gone, or is older than `folder.pending_hours`. Its first line
    stands for all of it, as in every file that the gateway writes.

    Args:
        folder: where the files lie.
        files: the files with ids of the data source.
        key: of the write.
        item: what is to be written.
        now: the time, in UTC.
    """
    since = now - timedelta(hours=folder.pending_hours)
    opposite = RemoveTrait(item.trait) if isinstance(item, RealiseTrait) else RealiseTrait(item.trait)
    for file in files:
        if file.processed or file.stored.modified <= since or is_of_same_transfer(file.name.split or 0, key):
            continue
        if opposite in await _first_items(folder, file):
            raise Transient(
                "an earlier file that says the opposite has not been processed yet, and no order between files is kept",
                place=f"{folder.bucket.url.rstrip('/')}/{file.stored.key}",
                remedy="Share again when Audience Manager has processed it: its jobs run twice a day.",
                sent=False,
            )


async def _first_items(folder: InboundFolder, file: StoredFile) -> Sequence[object]:
    begun = b""
    try:
        async for piece in content(folder.bucket, file):
            begun += piece
            if b"\n" in begun or len(begun) > _FIRST_LINE_BYTES:
                break
    except BrokenGzip:
        return ()
    line = InboundLine.parse(begun.partition(b"\n")[0].decode(errors="replace"))
    return line.items if line else ()
