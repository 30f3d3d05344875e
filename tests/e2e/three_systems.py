"""What must become of a Campaign list that goes to Audience Manager by e-mail and comes back by Visitor ID.

All of it is known beforehand: it follows from Campaign's recipients and tracking logs, and from what the website told
Audience Manager of its customers. Nothing here asks the gateway.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeVar

RECIPIENTS = "SELECT id, email, blackList FROM recipient ORDER BY id"
SIGHTINGS = "SELECT source_id, recipient_id FROM tracking_log GROUP BY 1, 2 ORDER BY max(log_date), max(id)"
MEMBERS = "SELECT recipient_id FROM membership JOIN list_group ON id = group_id WHERE name = ?"
UNKNOWN, MALFORMED, NEW = 3, 2, 2
Key, Value = TypeVar("Key"), TypeVar("Value")


@dataclass(frozen=True)
class Campaign:
    """Recipients of a sandbox.

    Attributes:
        emails: of all recipients, empty for those who have none.
        opted_out: recipients who must not be written to.
        sightings: Visitor IDs and who was seen with them, the last ones last.
    """

    emails: Mapping[int, str]
    opted_out: frozenset[int]
    sightings: Sequence[tuple[str, int]]

    @classmethod
    def read(cls, directory: Path) -> Campaign:
        with opened(directory) as database:
            recipients = database.execute(RECIPIENTS).fetchall()
            sightings = database.execute(SIGHTINGS).fetchall()
        opted_out = frozenset(recipient for recipient, _, flag in recipients if flag)
        return cls({recipient: email for recipient, email, _ in recipients}, opted_out, sightings)

    @cached_property
    def without_email(self) -> frozenset[int]:
        return frozenset(recipient for recipient, email in self.emails.items() if not email)

    @cached_property
    def owners(self) -> Mapping[str, frozenset[int]]:
        """The recipients of each Visitor ID."""
        return grouped(self.sightings)

    @cached_property
    def ids(self) -> Mapping[int, frozenset[str]]:
        """The Visitor IDs of each recipient who has any."""
        return grouped((recipient, visitor_id) for visitor_id, recipient in self.sightings)

    def has_one_device_alone(self, recipient: int) -> bool:
        ids = self.ids.get(recipient, frozenset())
        return len(ids) == 1 and all(self.owners[one] == {recipient} for one in ids)

    def some_of_every_kind(self) -> frozenset[int]:
        """Every second recipient of each kind; of those who share a device none, the first, the last, or both."""
        shared = sorted(one for one, owners in self.owners.items() if len(owners) > 1)
        sharers = [[one for seen, one in self.sightings if seen == visitor_id] for visitor_id in shared]
        kinds = grouped((self._kind(one), one) for one in self.emails.keys() - set(chain(*sharers)))
        some = chain(*(sorted(kind)[::2] for kind in kinds.values()))
        firsts = [first for number, (first, _) in enumerate(sharers) if number % 4 in {1, 3}]
        lasts = [last for number, (_, last) in enumerate(sharers) if number % 4 in {2, 3}]
        return frozenset(chain(some, firsts, lasts))

    def _kind(self, recipient: int) -> tuple[object, ...]:
        ids = self.ids.get(recipient, frozenset())
        return recipient in self.opted_out, recipient in self.without_email, len(ids)


@dataclass(frozen=True)
class Story:
    """A list on its way.

    Attributes:
        campaign: all recipients.
        start: members of the list.
        mistaken: members of whose only device the website tells a Visitor ID that Audience Manager does not know
            (UNKNOWN of them), or that is none (MALFORMED).
        new: members whom Campaign has seen on no device, and the website on one.
        borrower: a member who is logged in on the only device of the lender.
        lender: a recipient who has opted out.
    """

    campaign: Campaign
    start: frozenset[int]
    mistaken: Sequence[int]
    new: Sequence[int]
    borrower: int
    lender: int

    @classmethod
    def of(cls, campaign: Campaign) -> Story:
        start = campaign.some_of_every_kind()
        told = sorted(start - campaign.opted_out - campaign.without_email)
        single = [one for one in told if campaign.has_one_device_alone(one)]
        mistaken = single[: UNKNOWN + MALFORMED]
        new = [one for one in told if one not in campaign.ids][:NEW]
        lender = min(filter(campaign.has_one_device_alone, campaign.opted_out))
        return cls(campaign, start, mistaken, new, single[len(mistaken)], lender)

    def declared_id(self, recipient: int) -> str:
        """What Audience Manager knows a recipient by."""
        return hashlib.sha256(self.campaign.emails[recipient].strip().lower().encode()).hexdigest()

    @cached_property
    def id_sync(self) -> Sequence[str]:
        """The website's file: its customers on their devices, a few of these mistaken."""
        unknown = [f"{number:038d}" for number in range(UNKNOWN)]
        wrong = dict(zip(self.mistaken, [*unknown, *["1" * 37] * MALFORMED], strict=True))
        return [
            f"{wrong.get(recipient, visitor_id)}\t{self.declared_id(recipient)}"
            for visitor_id, recipient in self.campaign.sightings
            if self.campaign.emails[recipient]
        ]

    @cached_property
    def visits(self) -> Mapping[str, int]:
        """Whom the website sees on which device after that."""
        (lent,) = self.campaign.ids[self.lender]
        return {**{f"{number:019d}{number:019d}": one for number, one in enumerate(self.new, 1)}, lent: self.borrower}

    @cached_property
    def without_email(self) -> frozenset[int]:
        return self.start & self.campaign.without_email

    @cached_property
    def opted_out(self) -> frozenset[int]:
        return (self.start & self.campaign.opted_out) - self.without_email

    @cached_property
    def told(self) -> frozenset[int]:
        """Those of whom Audience Manager is told."""
        return self.start - self.without_email - self.opted_out

    @cached_property
    def unseen(self) -> frozenset[int]:
        """Those of them who have no Visitor ID in Campaign."""
        return self.told - self.campaign.ids.keys()

    @cached_property
    def recognised(self) -> frozenset[int]:
        """Those of them whom Audience Manager knows by a device that Campaign knows, too."""
        return self.told - self.unseen - frozenset(self.mistaken)

    @cached_property
    def ids_of_recognised(self) -> frozenset[str]:
        return frozenset(visitor_id for one in self.recognised for visitor_id in self.campaign.ids[one])

    @cached_property
    def taken_over(self) -> frozenset[str]:
        """Shared devices of those recognised on which the last who logged in is not of the audience."""
        last = {visitor_id: one for visitor_id, one in self.campaign.sightings if self.campaign.emails[one]}
        return frozenset(visitor_id for visitor_id in self.ids_of_recognised if last[visitor_id] not in self.told)

    @cached_property
    def devices(self) -> frozenset[str]:
        """The Visitor IDs of the segment."""
        return (self.ids_of_recognised - self.taken_over) | self.visits.keys()

    @cached_property
    def sharers(self) -> frozenset[int]:
        """Who comes in by somebody else's device that is also theirs."""
        known = self.devices & self.campaign.owners.keys()
        owners = {recipient for visitor_id in known for recipient in self.campaign.owners[visitor_id]}
        return frozenset(owners) - self.recognised - self.campaign.opted_out

    @cached_property
    def end(self) -> frozenset[int]:
        """The members of the second list."""
        return self.recognised | self.sharers

    def repeats(self, visitor_ids: Iterable[str]) -> int:
        """How many Visitor IDs, in this order, stand only for members for whom an earlier one stands."""
        members: set[int] = set()
        repeated = 0
        for visitor_id in visitor_ids:
            owners = self.campaign.owners.get(visitor_id, frozenset()) - self.campaign.opted_out
            repeated += bool(owners) and owners <= members
            members |= owners
        return repeated


def members(directory: Path, name: str) -> frozenset[int]:
    """The recipients in a list."""
    with opened(directory) as database:
        return frozenset(recipient for (recipient,) in database.execute(MEMBERS, [name]))


@contextmanager
def opened(directory: Path) -> Iterator[sqlite3.Connection]:
    """Campaign's database, to look into."""
    with closing(sqlite3.connect(f"file:{directory / 'campaign.sqlite'}?mode=ro", uri=True)) as database:
        yield database


def grouped(pairs: Iterable[tuple[Key, Value]]) -> Mapping[Key, frozenset[Value]]:
    """The values of each key."""
    found: dict[Key, set[Value]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return {key: frozenset(values) for key, values in found.items()}
