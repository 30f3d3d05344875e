"""What was pushed of an id last is kept, whatever order it comes in, and every row is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa
from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.sdk import Push, PushedRow, PushFate

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
JOINED, LEFT, BACK = timedelta(0), timedelta(minutes=1), timedelta(minutes=2)


def row(id_: str = "ada", *, after: timedelta = JOINED, member: bool = True, **values: object) -> PushedRow:
    of = {"audience": "gold", "id_kind": "email", "id": id_, "is_member": member, "since": NOON + after}
    return PushedRow(**(of | values))


@pytest.fixture
def ledger(database: sa.Engine) -> PushLedger:
    return PushLedger(database)


def members(ledger: PushLedger, audience: str = "gold", rows: int = 100) -> dict[str, bool]:
    found, after = dict[str, bool](), ""
    while len((page := ledger.page("rtcdp", audience, "email", after, rows)).ids):
        found |= dict(zip(page.ids.to_pylist(), page.are_members.to_pylist(), strict=True))
        after = page.resume_token
    return found


def kept(ledger: PushLedger, *rows: PushedRow) -> dict[PushFate, int]:
    return dict(ledger.keep("rtcdp", Push(rows), 1))


def test_a_row_that_comes_again_is_a_duplicate_and_an_older_one_is_outdated(ledger: PushLedger) -> None:
    assert kept(ledger, row()) == {PushFate.STORED: 1}
    assert kept(ledger, row()) == {PushFate.DUPLICATE: 1}
    assert kept(ledger, row(after=LEFT, member=False), row("bob")) == {PushFate.STORED: 2}
    assert kept(ledger, row()) == {PushFate.OUTDATED: 1}
    assert members(ledger) == {"ada": False, "bob": True}


def test_rows_of_one_push_come_to_the_same_in_any_order(database: sa.Engine) -> None:
    told = [row(), row(after=LEFT, member=False), row(after=LEFT), row(after=BACK)]
    for number, order in enumerate(permutations(told)):
        ledger, connection = PushLedger(database), f"c{number}"
        for each in order:
            ledger.keep(connection, Push([each]), 1)
        page = ledger.page(connection, "gold", "email", "", 10)
        assert page.are_members.to_pylist() == [True]
    for number, order in enumerate(permutations(told[:3])):
        for each in order:
            ledger.keep(f"left{number}", Push([each]), 1)
        assert ledger.page(f"left{number}", "gold", "email", "", 10).are_members.to_pylist() == [False]


def test_an_opt_out_counts_until_a_later_consent_whatever_the_membership_says(ledger: PushLedger) -> None:
    said = [
        row(opted_out=True, consented=NOON),
        row(consented=NOON - LEFT),
        row(after=BACK),
        row(consented=NOON + LEFT),
    ]
    for order in permutations(said[:3]):
        name = "".join(str(said.index(each)) for each in order)
        for each in order:
            ledger.keep(name, Push([each]), 1)
        assert ledger.page(name, "gold", "email", "", 10).opted_out.to_pylist() == [True]
    assert ledger.keep(name, Push([said[3]]), 1) == {PushFate.STORED: 1}
    assert ledger.page(name, "gold", "email", "", 10).opted_out.to_pylist() == [False]


def test_every_row_is_counted_with_what_became_of_it(ledger: PushLedger) -> None:
    ledger.keep("rtcdp", Push([row(), row("bob")], {PushFate.UNMAPPED: 3}), 1)
    others = dict.fromkeys((PushFate.MALFORMED, PushFate.WITHOUT_ID, PushFate.AMBIGUOUS), 1)
    ledger.keep("rtcdp", Push([row(), row(after=-LEFT)], others), 1)
    counts = ledger.counts("rtcdp")
    assert counts == dict.fromkeys(PushFate, 1) | {PushFate.STORED: 2, PushFate.UNMAPPED: 3}
    assert sum(ledger.counts("another").values()) == 0


def test_pages_hold_every_id_once(ledger: PushLedger) -> None:
    kept(ledger, *(row(f"id-{number}") for number in range(7)))
    kept(ledger, row("elsewhere", audience="silver"), row("+49", id_kind="phone"))
    assert members(ledger, rows=3) == {f"id-{number}": True for number in range(7)}


def test_it_is_known_since_when_an_audience_is_pushed_and_that_it_was_mapped_anew(ledger: PushLedger) -> None:
    assert ledger.history("rtcdp", "gold") is None
    kept(ledger, row())
    kept(ledger, row("bob", mapped=NOON))
    first = ledger.history("rtcdp", "gold")
    assert first is not None
    assert (first.mapped, first.mapped_again) == (NOON, None)
    kept(ledger, row("eve", mapped=NOON + BACK), row("bob", mapped=NOON))
    later = ledger.history("rtcdp", "gold")
    assert later is not None
    assert (later.first, later.mapped, later.mapped_again) == (first.first, NOON, NOON + BACK)


def test_who_left_long_ago_is_forgotten_and_members_stay(ledger: PushLedger) -> None:
    kept(ledger, row(), row("bob", member=False))
    assert ledger.forget(NOON) == 0
    assert ledger.forget(NOON + LEFT) == 1
    assert members(ledger) == {"ada": True}
