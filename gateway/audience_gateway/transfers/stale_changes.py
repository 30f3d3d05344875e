"""Whether changes that were not delivered may still be: later ones may say otherwise of the same people."""

from __future__ import annotations

from audience_gateway.sdk import ConfigError
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import Transfer, TransferMode, UndeliveredRef
from audience_gateway.transfers.snapshots import Snapshots


def check_newest(transfer: Transfer, ledger: Ledger, snapshots: Snapshots) -> None:
    """Raises ConfigError for changes if a later transfer, but for their own retry, has changed the destination."""
    if transfer.request.mode is not TransferMode.DELTA:
        return
    destination = str(transfer.request.destination)
    for key in (destination, f"{destination} by dataSources/{transfer.request.data_source}"):
        last = snapshots.current(key).transfer
        newer = ledger.transfer(last) if last else None
        if newer and newer.number > transfer.number and newer.request.source != UndeliveredRef(transfer.id):
            raise ConfigError(
                f"transfers/{last} has changed the destination since, and these changes may be out of date",
                place=f"transfers/{transfer.id}",
                remedy="Share the changes again in mode `delta`: what was delivered is not sent twice.",
            )
