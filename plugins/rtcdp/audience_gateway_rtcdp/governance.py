"""Says before members are read whether they may leave, and holds back those who may not (rtcdp 8)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from audience_gateway.sdk import MemberBatch, MemberPage, Permanent, denied_by

from audience_gateway_rtcdp.audiences import PlatformAudience
from audience_gateway_rtcdp.governance_settings import GovernanceSettings
from audience_gateway_rtcdp.policies import Policies
from audience_gateway_rtcdp.rule_fields import schema_path


@dataclass(frozen=True, slots=True)
class Governance:
    """Judges an audience by its labels, by those of the fields that leave or that its rule asks, and by policies.

    Attributes:
        policies: the platform's policies.
        settings: of governance.
    """

    policies: Policies
    settings: GovernanceSettings

    async def denial(self, audience: PlatformAudience) -> str:
        """Names of the policies that forbid it, or the label that never leaves; empty if it may leave.

        Labels are case-sensitive; audiences have them with `core/` in front, the policy service without. Raises what a
        call raises.
        """
        labels = {each.removeprefix("core/").removeprefix("custom/") for each in audience.labels}
        if never := sorted(labels & self.settings.never):
            return f"label {', '.join(never)}"
        of_fields = await self.policies.of_datasets(self._fields(audience))
        if never := sorted(of_fields.labels & self.settings.never):
            return f"label {', '.join(never)}"
        judged = await self.policies.of_labels(labels | of_fields.labels)
        return ", ".join(dict.fromkeys([*of_fields.violated, *judged.violated]))

    def _fields(self, audience: PlatformAudience) -> Mapping[str, Sequence[str]]:
        """The fields that count, by dataset: who is in an audience tells what its rule has found in them."""
        asked = [schema_path(field) for field in sorted(audience.rule_fields)]
        return {id_: [*fields, *asked] if fields else [] for id_, fields in self.settings.datasets.items()}

    async def require_allowed(self, audience: PlatformAudience, place: str) -> None:
        """Raises Permanent for a denied audience of which nothing is to be read, and what a call raises."""
        if self.settings.denied == "refuse" and (denial := await self.denial(audience)):
            raise Permanent(
                f"members must not be used for {self.settings.marketing_action}: {denial}",
                place=place,
                remedy="Change labels or policies in Experience Platform, or share another audience.",
            )


async def held_back(pages: AsyncIterator[MemberPage], denial: str) -> AsyncGenerator[MemberPage, None]:
    """Pages as they are; if there is a denial, every row without its ids and with the denial's name.

    So all rows are accounted for, and no id goes any further.
    """
    async for page in pages:
        if not denial:
            yield page
            continue
        rows = len(page.members)
        denied = MemberBatch.of(pa.nulls(rows, pa.string()), defects=pa.repeat(pa.scalar(denied_by(denial)), rows))
        further = page.further_ids
        if further is not None:
            further = pa.record_batch([pa.nulls(rows, pa.string())] * further.num_columns, schema=further.schema)
        yield MemberPage(denied, page.resume_token, encoded=page.encoded, further_ids=further)
