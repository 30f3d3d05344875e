from __future__ import annotations

import os
from datetime import timedelta

import pytest
from audience_gateway.sdk import Transient
from audience_gateway.sdk.audience_manager.inbound_lines import RealiseTrait, RemoveTrait

DAYS = {"pending_hours": 48}


def age(inbound, hours):
    for path in inbound.path.iterdir():
        moment = (inbound.now - timedelta(hours=hours)).timestamp()
        os.utime(path, (moment, moment))


async def test_a_removal_waits_until_an_earlier_addition_is_processed(inbound):
    await inbound.write("a", key="1/add-00000")
    age(inbound, 1)
    with pytest.raises(Transient, match="no order between files") as caught:
        await inbound.write("a", key="2/remove-00000", item=RemoveTrait(24), **DAYS)
    assert not caught.value.sent
    (path,) = inbound.path.iterdir()
    path.rename(path.with_name(f"{path.name}.processed"))
    assert (await inbound.write("a", key="2/remove-00000", item=RemoveTrait(24), **DAYS)).accepted == 1


async def test_an_addition_waits_for_a_removal_likewise(inbound):
    await inbound.write("a", key="1/remove-00000", item=RemoveTrait(24))
    age(inbound, 1)
    with pytest.raises(Transient):
        await inbound.write("a", key="2/add-00000", **DAYS)


async def test_what_lies_longer_than_the_documented_time_counts_as_processed(inbound):
    await inbound.write("a", key="1/add-00000")
    age(inbound, 48)
    assert (await inbound.write("a", key="2/remove-00000", item=RemoveTrait(24), **DAYS)).accepted == 1


async def test_files_of_one_transfer_may_be_taken_in_any_order_so_they_do_not_wait(inbound):
    await inbound.write("a", key="1/add-00000")
    await inbound.write("b", key="1/add-00001")
    age(inbound, 1)
    assert (await inbound.write("c", key="1/remove-00000", item=RemoveTrait(24), **DAYS)).accepted == 1


@pytest.mark.parametrize("item", [RealiseTrait(24), RemoveTrait(25), RealiseTrait(25)])
async def test_what_does_not_say_the_opposite_does_not_wait(inbound, item):
    await inbound.write("a", key="1/add-00000")
    age(inbound, 1)
    assert (await inbound.write("a", key="2/x", item=item, **DAYS)).accepted == 1


async def test_by_default_nothing_waits(inbound):
    await inbound.write("a", key="1/add-00000")
    age(inbound, 1)
    assert (await inbound.write("a", key="2/remove-00000", item=RemoveTrait(24))).accepted == 1
