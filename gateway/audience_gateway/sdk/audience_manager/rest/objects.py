"""Objects of Audience Manager, as far as they matter here (audience-manager 1.4).

What is absent or null has its default, what is unknown is kept as it came: metrics bear many names.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

_TRAIT_OF_RULE = re.compile(r"\b([0-9]+)T\b", re.IGNORECASE)


class AamObject(BaseModel):
    """Base of all objects."""

    model_config = ConfigDict(
        frozen=True, extra="allow", hide_input_in_errors=True, alias_generator=to_camel, populate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:  # noqa: ANN401  # whatever came
        return (
            {name: value for name, value in values.items() if value is not None} if isinstance(values, dict) else values
        )

    def told(self, name: str) -> Any:  # noqa: ANN401  # whatever came
        """What came under a name that is none of the documented ones here; None if nothing did."""
        return (self.model_extra or {}).get(name)

    def count(self, name: str) -> int | None:
        """A metric; None if it was not told."""
        value = self.told(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


class DataSourceObject(AamObject):
    """A data source. A merge rule is one too, of a type of its own."""

    id: int = Field(alias="dataSourceId")
    name: str = ""
    description: str = ""
    pid: int = 0
    type: str = ""
    id_type: str = ""
    status: str = ""
    integration_code: str = ""
    inbound_s2s: bool = Field(default=False, alias="inboundS2S")
    outbound_s2s: bool = Field(default=False, alias="outboundS2S")
    supports_authenticated_profile: bool = False
    data_export_restrictions: tuple[str, ...] = ()
    sampling_enabled: bool = False


class TraitType(StrEnum):
    """Kinds of traits; only onboarded ones are realised by files."""

    RULE_BASED = "RULE_BASED_TRAIT"
    ONBOARDED = "ON_BOARDED_TRAIT"
    ALGORITHMIC = "ALGO_TRAIT"


class Trait(AamObject):
    """A trait."""

    id: int = Field(alias="sid")
    name: str = ""
    description: str = ""
    trait_type: str = ""
    data_source_id: int = 0
    folder_id: int = 0
    integration_code: str = ""
    status: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None

    @property
    def is_onboarded(self) -> bool:
        """Whether members can be given it."""
        return self.trait_type == TraitType.ONBOARDED


class Segment(AamObject):
    """A segment."""

    id: int = Field(alias="sid")
    name: str = ""
    description: str = ""
    segment_rule: str = ""
    data_source_id: int = 0
    merge_rule_data_source_id: int = 0
    folder_id: int = 0
    integration_code: str = ""
    status: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    trait_data_source_ids: tuple[int, ...] = ()

    @property
    def traits(self) -> frozenset[int]:
        """The traits that its rule names."""
        return frozenset(map(int, _TRAIT_OF_RULE.findall(self.segment_rule)))


class Folder(AamObject):
    """A folder of traits or segments."""

    id: int = Field(alias="folderId")
    name: str = ""
    parent_folder_id: int = 0
    path: str = ""
    sub_folders: tuple[Folder, ...] = ()


class Destination(AamObject):
    """A destination."""

    id: int = Field(alias="destinationId")
    name: str = ""
    description: str = ""
    destination_type: str = ""
    status: str = ""
    data_source_id: int = 0


class Mapping(AamObject):
    """A segment that is mapped to a destination; ids come under two names, the status as text or number."""

    id: int = 0
    destination_id: int = 0
    segment_id: int = Field(alias="sid")
    element_status: str | int = ""
    trait_alias: str = ""
    start_date: str = ""
    end_date: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_name(cls, values: Any) -> Any:  # noqa: ANN401  # whatever came
        if not isinstance(values, dict):
            return values
        return values | {"id": values.get("destinationMappingId") or values.get("mappingId") or 0}

    @property
    def is_active(self) -> bool:
        """Whether the destination is sent the segment."""
        return str(self.element_status).lower() in {"", "1", "active"}
