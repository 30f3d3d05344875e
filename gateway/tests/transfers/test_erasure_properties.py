"""Whatever is shared, undone and erased in whatever order: who was erased is never sent again, and leaves."""

from __future__ import annotations

from datetime import timedelta

from at_once import Shares, few, shares
from audience_gateway.erasures.erasing import Erasing
from audience_gateway.sdk import Permanent
from audience_gateway.transfers.model import TransferMode, TransferState
from audience_gateway.transfers.undo import NotUndoable
from erasing import Clock, erasing_of, people
from hypothesis import example, given
from hypothesis import strategies as st
from systems import Ids, Record, Records, Row

NAMES = "abcd"
SHARED = st.tuples(
    st.sets(st.sampled_from(NAMES), min_size=1), st.sampled_from([TransferMode.REPLACE, TransferMode.ADD_ONLY])
)
ERASED = st.tuples(st.sampled_from(NAMES), st.booleans())
ACTS = st.lists(SHARED | ERASED | st.just("undo"), min_size=2, max_size=5)

AGAIN = ({"a"}, TransferMode.REPLACE)


def down(call: str) -> None:
    if call == "remove":
        raise Permanent("it is down")


def look(opened: Shares, eraser: Erasing) -> None:
    for _ in range(3):
        opened.runner.run(eraser.look())


@few
@example(False, ["undo", ("b", False), "undo"]).via("the first of two members that were taken back is erased")
@example(False, ["undo", ("a", False), "undo"])
@example(False, [AGAIN, ("a", False), AGAIN, ("a", False)]).via("a transfer of the erased is withheld, and asked of")
@example(False, [AGAIN, ("a", False), AGAIN, "undo"]).via("a transfer of the erased is withheld, and taken back")
@example(False, [AGAIN, ("a", False), AGAIN, ({"a"}, TransferMode.ADD_ONLY)]).via("they are shared again after that")
@given(st.booleans(), ACTS)
def test_who_was_erased_is_never_sent_again_and_leaves(records, acts):
    target = Records(index=[Record(name, name) for name in NAMES]) if records else Ids()
    erased: set[str] = set()
    asked = []
    write = target.write_members

    async def watched(request):
        assert not erased & set(request.batch.targets.to_pylist())
        return await write(request)

    target.write_members = watched
    with shares(target) as opened:
        clock = Clock()
        eraser = erasing_of(opened.transfers, opened.state, opened.transfers._connections, clock)
        last = opened.share([Row("a"), Row("b")])
        for act in acts:
            match act:
                case "undo":
                    try:
                        last = opened.undo(last)
                    except NotUndoable:
                        continue
                case str(name), bool(reachable):
                    target.fail = (lambda _: None) if reachable else down
                    asked.append(opened.runner.run(eraser.erase(people(name))).erasure)
                    erased.add(name)
                    look(opened, eraser)
                    target.fail = lambda _: None
                    assert not reachable or name not in target.held
                case names, mode:
                    last = opened.share([Row(name) for name in sorted(names)], mode)
                    if last.state is TransferState.WITHHELD:
                        assert names <= erased  # so that nobody is left to be shared
                        last = opened.cancel(last)
        clock.ahead = timedelta(hours=2)
        look(opened, eraser)
        found = [opened.runner.run(eraser.get(erasure.id)) for erasure in asked]
        opened.share([Row(name) for name in NAMES])
    assert all(erasure.ended for erasure in found)
    assert target.held == set(NAMES) - erased
