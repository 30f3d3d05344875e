"""Id types, data sources, and what a reconciliation strategy is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import pyarrow as pa

from audience_gateway.sdk.settings import Secret


class Codec(StrEnum):
    """How a Declared ID is encoded outside the system that holds it in clear (campaign 1.3, people-and-ids 5)."""

    NONE = "none"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    HMAC_SHA256 = "hmac-sha256"
    AES_CBC = "aes-cbc"

    @property
    def hashes(self) -> bool:
        """Whether nothing leads back from what it writes."""
        return self not in {Codec.NONE, Codec.AES_CBC}


class TextForm(StrEnum):
    """How bytes are written as text."""

    HEX = "hex"
    BASE64 = "base64"


class KeyForm(StrEnum):
    """How the text of a secret is turned into the bytes of a key."""

    HEX = "hex"
    BASE64 = "base64"
    UTF8 = "utf8"


class CandidatePolicy(StrEnum):
    """What to do with an id that hits several records."""

    ALL = "all"
    LATEST = "latest"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """How ids of one id type reconcile with records: Campaign's "AMC Data source" (campaign 1.3).

    Attributes:
        name: id of the data source, e.g. `visitor-id`.
        id_type: name of the id type, e.g. `visitor_id`.
        title: what people call it.
        targeting_dimension: kind of record, e.g. `nms:recipient`.
        reconciliation_key: attribute of the record that holds the id, e.g. `[trackingLog/@sourceId]` or `@email`.
        aam_data_source_id: Audience Manager data source id (DPID); 0 if none.
        aam_destination_id: Audience Manager destination id (DID); 0 if none.
        codec: how ids are encoded outside Campaign.
        recipe: name of the normalisation recipe that is applied before the codec, e.g. `email`.
        policy: what to do with an id that hits several records.
        expire_days: after so many days a record no longer counts as seen with an id; 0 for never.
        key: key of the codecs `hmac-sha256` and `aes-cbc`.
        iv: initialisation vector of `aes-cbc`, the same for all ids.
        key_form: how the texts of key and initialisation vector are turned into bytes.
        text_form: how `aes-cbc` writes its bytes; the documents do not say how (people-and-ids 5).
        pre_encoded: whether the ids went through the codec before they were stored, also where they usually are in
            clear, as in attributes of records and rows of files.
        clear_digests: whether ids in clear may look like digests; otherwise they count as encoded twice.
        personal_data: whether ids in clear may be e-mail addresses and phone numbers. Recipes for these say so, too.
        purposes: what its ids are shared for; empty for any purpose, so that whoever refuses one is left out.
    """

    name: str
    id_type: str
    title: str = ""
    targeting_dimension: str = "nms:recipient"
    reconciliation_key: str = ""
    aam_data_source_id: int = 0
    aam_destination_id: int = 0
    codec: Codec = Codec.NONE
    recipe: str = "trim"
    policy: CandidatePolicy = CandidatePolicy.ALL
    expire_days: float = 0.0
    key: Secret | None = None
    iv: Secret | None = None
    key_form: KeyForm = KeyForm.HEX
    text_form: TextForm = TextForm.HEX
    pre_encoded: bool = False
    clear_digests: bool = False
    personal_data: bool = False
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Normalised:
    """What a strategy made of a column of ids; both columns are as long as it.

    Attributes:
        values: string column: the canonical, encoded id; null where there is none.
        reasons: string column: the `Reason` why there is none; null where there is one.
    """

    values: pa.StringArray
    reasons: pa.StringArray


@runtime_checkable
class Reconciler(Protocol):
    """A reconciliation strategy: handles the ids of one id type. The join is the core's."""

    @property
    def id_type(self) -> str:
        """Name of the id type, e.g. `visitor_id`."""
        ...

    @property
    def title(self) -> str:
        """What documents call the id type, e.g. `Visitor ID`."""
        ...

    @property
    def description(self) -> str:
        """What such an id is, and when one is valid."""
        ...

    def check(self, source: DataSource) -> None:
        """Raises ConfigError if the data source asks for what this strategy cannot do."""
        ...

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
        """Brings a column of ids into canonical form, whole columns at a time. Several threads may call it at once.

        Args:
            ids: the ids as they were read; a null is a record without an id (`no_id`).
            source: the data source of the ids.
            encoded: whether the ids already went through the data source's codec, as ids from
                outside Campaign have; attributes of Campaign records have not.
        """
        ...
