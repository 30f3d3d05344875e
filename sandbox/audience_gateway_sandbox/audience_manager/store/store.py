"""All objects of the organisation, in a SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from audience_gateway_sandbox.audience_manager.objects import (
    CustomerTraitType,
    DataSource,
    Destination,
    DestinationMapping,
    Folder,
    Group,
    MergeRule,
    PartnerSite,
    Permission,
    Segment,
    Trait,
    TraitRuleVersion,
    User,
)
from audience_gateway_sandbox.audience_manager.store.table import Table
from audience_gateway_sandbox.campaign.database import SqliteDatabase, open_file


class Store:
    """One table a kind. Whoever works in a thread of his own opens a store of his own over the same file.

    Args:
        database: where the tables are; they are made if they are not there.
    """

    def __init__(self, database: SqliteDatabase) -> None:
        self.database = database
        self.data_sources = Table(database, "data_source", DataSource, "data_source_id", ["integration_code"])
        self.merge_rules = Table(database, "merge_rule", MergeRule, "data_source_id")
        self.traits = Table(database, "trait", Trait, "sid", ["data_source_id", "folder_id", "integration_code"])
        self.trait_rule_versions = Table(database, "trait_rule_version", TraitRuleVersion, "version_id", ["sid"])
        self.segments = Table(database, "segment", Segment, "sid", ["data_source_id", "folder_id", "integration_code"])
        self.trait_folders = Table(database, "trait_folder", Folder, "folder_id")
        self.segment_folders = Table(database, "segment_folder", Folder, "folder_id")
        self.destinations = Table(database, "destination", Destination, "destination_id")
        self.mappings = Table(database, "mapping", DestinationMapping, "mapping_id", ["destination_id", "sid"])
        self.trait_types = Table(database, "customer_trait_type", CustomerTraitType, "pixel_type")
        self.partner_sites = Table(database, "partner_site", PartnerSite, "site_id")
        self.users = Table(database, "user", User, "user_id", ["username"])
        self.groups = Table(database, "user_group", Group, "group_id")
        self.permissions = Table(database, "permission", Permission, "permission_id", ["group_id"])

    @classmethod
    def opened(cls, file: Path) -> Self:
        """Open a SQLite file, making it if it is not there."""
        return cls(open_file(file, ""))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Have all that is written in a context written as one, or nothing if it ends with an exception."""
        self.database.execute("BEGIN IMMEDIATE")
        with self.database:
            yield

    def close(self) -> None:
        """Close the database."""
        self.database.close()
