"""Who the recipients are: each has one role, which says what Visitor IDs it has and how it meets the audience."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from audience_gateway_sandbox.seeding.names import FAMOUS
from audience_gateway_sandbox.seeding.sizes import Sizes
from audience_gateway_sandbox.seeding.visitor_ids import visitor_id

FIRST_RECIPIENT = 1000


@dataclass(frozen=True, slots=True)
class Shared:
    """A Visitor ID of a device that two recipients use."""

    visitor_id: str
    recipients: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Population:
    """All recipients by role, the same for the same number and seed.

    Attributes:
        sizes: how many there are of each kind.
        seed: what the roles, ids and names are drawn from.
        opted_out: recipients that have opted out, the famous last.
        without_email: recipients without an e-mail, of any role.
        odd_email: recipients whose e-mail has capitals or surrounding blanks, of any role.
        singles: recipients with one Visitor ID of their own that have not opted out.
        doubles: recipients with two Visitor IDs of their own that have not opted out.
        visitor_ids: the first Visitor ID of each recipient that has one of its own.
        second_ids: the second Visitor ID of each of the doubles.
        shared: the Visitor IDs that two recipients share; of the first few, one of the two has opted out.
    """

    sizes: Sizes
    seed: int
    opted_out: Sequence[int]
    without_email: frozenset[int]
    odd_email: frozenset[int]
    singles: Sequence[int]
    doubles: Sequence[int]
    visitor_ids: dict[int, str]
    second_ids: dict[int, str]
    shared: Sequence[Shared]

    @property
    def recipients(self) -> range:
        """The ids of all recipients; the first ones are the famous."""
        return range(FIRST_RECIPIENT, FIRST_RECIPIENT + self.sizes.recipients)

    def random(self, purpose: str) -> Random:
        """Make a source of chance for one purpose, so that one part does not disturb another."""
        return _random(self.seed, purpose)


def populate(recipients: int, seed: int) -> Population:
    """Give each recipient its role. Raises ValueError if there are too few recipients for all roles."""
    sizes = Sizes(recipients)
    random = _random(seed, "population")
    famous = range(FIRST_RECIPIENT, FIRST_RECIPIENT + len(FAMOUS))
    pool = list(range(famous.stop, FIRST_RECIPIENT + recipients))
    odd = random.sample(pool, sizes.without_email + sizes.odd_emails)
    random.shuffle(pool)
    order = iter(pool)
    opted_out = list(islice(order, sizes.opted_out))
    unseen = set(islice(order, sizes.unseen))
    shared = _shared(random, sizes, opted_out, order)
    doubles = list(islice(order, sizes.doubles))
    owners = [recipient for recipient in (*famous, *pool) if recipient not in unseen]
    return Population(
        sizes=sizes,
        seed=seed,
        opted_out=[*opted_out, *_opted_out_famous(famous)],
        without_email=frozenset(odd[: sizes.without_email]),
        odd_email=frozenset(odd[sizes.without_email :]),
        singles=list(order),
        doubles=doubles,
        visitor_ids={owner: visitor_id(random) for owner in owners},
        second_ids={owner: visitor_id(random) for owner in doubles},
        shared=shared,
    )


def _shared(random: Random, sizes: Sizes, opted_out: Sequence[int], order: Iterator[int]) -> list[Shared]:
    # Those at the beginning of the list have lines of their own in the audience.
    with_a_device_shared = opted_out[len(opted_out) - sizes.half_opted_out_lines :]
    half = [Shared(visitor_id(random), (next(order), other)) for other in with_a_device_shared]
    whole = range(sizes.shared_ids - len(half))
    return half + [Shared(visitor_id(random), (next(order), next(order))) for _ in whole]


def _opted_out_famous(famous: range) -> list[int]:
    return [recipient for recipient, person in zip(famous, FAMOUS, strict=True) if person.opted_out]


def _random(seed: int, purpose: str) -> Random:
    return Random(f"{seed}/{purpose}")  # noqa: S311 - sample data, not secrets
