"""What Adobe says that an attribute source takes (people-and-ids 8.2)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

MOST_FILE_BYTES = 4_000_000_000
"""Of one upload; a larger file is refused."""
LEAST_FILE_BYTES = 10_000_000
"""Of one upload, as stated; it reads oddly, so that smaller ones are only told of."""
SPACE_BYTES = 40_000_000_000
"""Of an account; whoever owns it deletes processed files."""
MOST_ATTRIBUTES = 200
LONGEST_VALUE = 255
"""Characters; Analytics cuts longer values."""
FREQUENCY = timedelta(minutes=30)
"""A file that comes sooner after the last one waits in a queue of low priority."""


class Subscription(StrEnum):
    """Who gets the attributes of a source, by the product's edition."""

    ANALYTICS_FOUNDATION = "analytics_foundation"
    ANALYTICS_SELECT = "analytics_select"
    ANALYTICS_PRIME = "analytics_prime"
    ANALYTICS_ULTIMATE = "analytics_ultimate"
    ANALYTICS_STANDARD = "analytics_standard"
    ANALYTICS_PREMIUM = "analytics_premium"
    TARGET_STANDARD = "target_standard"
    TARGET_PREMIUM = "target_premium"


ENTITLED = {
    Subscription.ANALYTICS_FOUNDATION: 0,
    Subscription.ANALYTICS_SELECT: 3,
    Subscription.ANALYTICS_PRIME: 15,
    Subscription.ANALYTICS_ULTIMATE: 200,
    Subscription.ANALYTICS_STANDARD: 3,
    Subscription.ANALYTICS_PREMIUM: 200,
    Subscription.TARGET_STANDARD: 5,
    Subscription.TARGET_PREMIUM: 200,
}
"""How many attributes each of them may get; in Analytics, for each report suite."""
FOR_TARGET = frozenset({Subscription.TARGET_STANDARD, Subscription.TARGET_PREMIUM})
