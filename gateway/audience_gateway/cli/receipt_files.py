"""Small files of a command: read and written whole, with one line where that fails."""

from __future__ import annotations

from pathlib import Path

from audience_gateway.cli.errors import CommandError
from audience_gateway.storage.atomic_file import replacing


def read(path: Path) -> bytes:
    """The content. Raises CommandError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}", "Name another file.") from None


def write(path: Path, content: bytes) -> None:
    """Writes the content, whole or not at all. Raises CommandError."""
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", "Name another file.") from None
