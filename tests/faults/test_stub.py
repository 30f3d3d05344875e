"""The stub does what its tests take for granted."""

from __future__ import annotations

import aiohttp
import pytest


@pytest.fixture
async def http(stub):
    async with aiohttp.ClientSession(stub.url) as session:
        yield session


async def change(http: aiohttp.ClientSession, change: str, key: str | None, *members: str):
    async with http.post(f"/audiences/gold/{change}", json={"key": key, "members": members}) as answer:
        return await answer.json()


async def test_a_repeat_under_its_key_changes_nothing_and_without_a_key_it_doubles(http, stub):
    assert await change(http, "add", "k", "a", "b") == await change(http, "add", "k", "a", "b")
    assert (stub.members(), stub.doubled()) == ({"a", "b"}, set())
    await change(http, "add", None, "a")
    assert stub.doubled() == {"a"}


async def test_refused_members_are_not_taken(http, stub):
    stub.tell(refuse_every=2)
    answer = await change(http, "add", "k", "a", "b", "c")
    assert answer == {"accepted": 1, "refused": [{"member": "a", "code": "E1"}, {"member": "c", "code": "E1"}]}
    assert stub.members() == {"b"}


async def test_a_call_may_have_its_effect_and_no_answer(http, stub):
    stub.tell(cut="before")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await change(http, "add", None, "a")
    assert stub.members() == {"a"}


async def test_a_call_may_fail_without_effect(http, stub):
    stub.tell(status=503, commit=False)
    await change(http, "add", "k", "a")
    assert stub.members() == set()
    await change(http, "add", "k", "a")
    assert stub.members() == {"a"}


async def test_its_state_is_told_without_members(http):
    await change(http, "add", "k", "a", "b")
    await change(http, "remove", "l", "a")
    async with http.get("/state") as answer:
        state = await answer.json()
    assert state["audiences"]["gold"]["members"] == 1
    assert [(call["call"], call["members"]) for call in state["calls"]] == [("add", 2), ("remove", 1)]


async def test_one_audience_can_be_asked_for_and_dropped(http):
    await change(http, "add", "k", "a")
    async with http.get("/audiences/gold") as answer:
        assert (await answer.json())["members"] == 1
    async with http.delete("/audiences/gold"), http.get("/audiences/gold") as answer:
        assert (await answer.json())["members"] == 0
