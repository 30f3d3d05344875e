"""How far uploads have got: Adobe moves a file when it is done with it, and says no more (people-and-ids 8.1, 8.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from audience_gateway.sdk import Arrival, ArrivalRequest, ArrivalStage, Bucket

from audience_gateway_people.attributes.account import Account, DataFile, FileState, look
from audience_gateway_people.attributes.file_names import name_of_write
from audience_gateway_people.attributes.inspection import first_finding
from audience_gateway_people.attributes.settings import CustomerAttributesSettings

_STAGE = "processed"


def stages(settings: CustomerAttributesSettings) -> Sequence[ArrivalStage]:
    """The one stage that can be seen."""
    return [
        ArrivalStage(
            name=_STAGE,
            meaning="Adobe has read the files; Analytics has them within an hour, Target within a day.",
            within=timedelta(hours=settings.processed_hours),
        )
    ]


async def arrivals(
    bucket: Bucket, settings: CustomerAttributesSettings, request: ArrivalRequest, now: datetime
) -> Sequence[Arrival]:
    """How the files of a delivery stand."""
    files = _files_of(await look(bucket), settings, request)
    counts = {f"files_{state}": sum(file.state is state for file in files) for state in FileState}
    failed = next((file for file in files if file.state is FileState.FAILED), None)
    if failed is not None:
        finding = await first_finding(bucket, failed, settings)
        why = f": {finding}" if finding else ", and nothing is found to be wrong with it"
        remedy = "See what the source's page at Adobe says, and upload again."
        return [Arrival(stage=_STAGE, failed=True, counts=counts, message=f"{failed.name} failed{why}.", remedy=remedy)]
    # A write of which all members were refused left no file.
    wanted = [write for write in request.writes if write.members and not write.in_doubt]
    done = sum(file.state is FileState.PROCESSED for file in files) >= len(wanted)
    return [Arrival(stage=_STAGE, reached=now if done else None, counts=counts)]


def _files_of(account: Account, settings: CustomerAttributesSettings, request: ArrivalRequest) -> list[DataFile]:
    bases = {name_of_write(settings.alias_id, write.key, settings.compression).base for write in request.writes}
    return [file for file in account.files if file.name.base in bases]
