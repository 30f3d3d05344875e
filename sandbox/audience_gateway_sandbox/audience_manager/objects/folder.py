"""Folders of traits, and folders of segments (audience-manager 1.4)."""

from __future__ import annotations

from dataclasses import dataclass

ROOT = 0
"""Id of the folder that all others are in; it is always there and never stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder below the root."""

    folder_id: int = 0
    name: str
    parent_folder_id: int = ROOT
