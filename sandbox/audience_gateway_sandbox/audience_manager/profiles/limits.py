"""How much is kept of a profile, and for how long (audience-manager 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Usage limits and retention; whatever is over a limit goes first in, first out.

    Attributes:
        traits: traits of a profile.
        devices_of_customer: devices that one customer id is linked with.
        customers_of_device: customer ids of one data source that one device is linked with.
        devices_of_device: other device ids that one device is linked with.
        hashes_of_customer: hashed e-mails that one customer id is linked with.
        device_days: days until a device without activity is forgotten.
        link_days: days until a link that was not seen again is forgotten.
    """

    traits: int = 150_000
    devices_of_customer: int = 100
    customers_of_device: int = 10
    devices_of_device: int = 1_000
    hashes_of_customer: int = 10
    device_days: int = 120
    link_days: int = 120

    @property
    def device_life(self) -> timedelta:
        """How long a device without activity is kept."""
        return timedelta(days=self.device_days)

    @property
    def link_life(self) -> timedelta:
        """How long a link that is not seen again is kept."""
        return timedelta(days=self.link_days)
