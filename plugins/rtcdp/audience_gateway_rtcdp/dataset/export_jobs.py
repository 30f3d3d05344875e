"""Export jobs, `/data/core/ups/export/jobs`: the profiles of an audience into a dataset (rtcdp 1.6)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from audience_gateway.sdk import Permanent, Transient

from audience_gateway_rtcdp.dataset.dataset_settings import DatasetSettings
from audience_gateway_rtcdp.platform import Object, Platform

_PATH = "/data/core/ups/export/jobs"
_DONE, _ENDED = "SUCCEEDED", frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class ExportJobs:
    """Runs jobs. Every method raises what a call raises.

    Attributes:
        platform: the sandbox.
        settings: of the dataset.
    """

    platform: Platform
    settings: DatasetSettings

    async def run(self, audience: str, fields: Sequence[str]) -> str:
        """Has the members of an audience exported, by the platform's id, and waits. Answers the batch that holds them.

        Raises Transient if it takes too long, Permanent if it fails.
        """
        begun = await self._begin(audience, fields)
        for _ in range(int(self.settings.wait_seconds / self.settings.poll_seconds) + 1):
            job = self.platform.object((await self.platform.caller.call("GET", f"{_PATH}/{begun}")).content)
            status = str(job.get("status", "")).upper()
            if status in _ENDED:
                return self._batch(job, status)
            await asyncio.sleep(self.settings.poll_seconds)
        raise Transient(
            f"an export job took more than {self.settings.wait_seconds:g} seconds",
            place=self.platform.place,
            remedy="Share again later, or allow it more with `dataset.wait_seconds`.",
            sent=False,
        )

    async def _begin(self, audience: str, fields: Sequence[str]) -> str:
        body = {
            "fields": ",".join(fields),
            "mergePolicy": {"id": self.settings.merge_policy, "version": self.settings.merge_policy_version},
            # `existing` is an older word for those who stayed; asking for it does no harm where it is not known.
            "filter": {"segments": [{"segmentId": audience, "segmentNs": "ups", "status": ["realized", "existing"]}]},
            "destination": {"datasetId": self.settings.id, "segmentPerBatch": False},
            "schema": {"name": "_xdm.context.profile"},
        }
        job = self.platform.object((await self.platform.caller.call("POST", _PATH, body=body)).content)
        return quote(str(job.get("id", "")), safe="")  # a number in some answers, text in others

    def _batch(self, job: Object, status: str) -> str:
        batch = job.get("batchId")
        if status != _DONE or not isinstance(batch, str) or not batch:
            raise Permanent(
                f"the export job ended as `{status.lower()}`" if status != _DONE else "the export job tells no batch",
                place=self.platform.place,
                remedy="See the job in Experience Platform, and share again.",
            )
        return batch
