"""What monitoring asks."""

from __future__ import annotations

from lxml import etree


async def test_anybody_may_try_the_redirection(anonymous):
    async with anonymous.http.get(f"{anonymous.url}/r/test") as response:
        redir = etree.fromstring(await response.read())
    assert (response.status, redir.tag, redir.get("status")) == (200, "redir", "OK")
    assert (redir.get("date"), redir.get("build"), redir.get("instance")) == (
        "2026-01-02 03:04:05.678Z",
        "9396",
        "sandbox",
    )
    assert redir.get("sourceIP") == "127.0.0.1"


async def test_a_ping_needs_a_session(caller):
    headers = {"X-Session-Token": caller.session_token, "X-Security-Token": caller.security_token}
    async with caller.http.get(f"{caller.url}/nl/jsp/ping.jsp", headers=headers) as response:
        assert (await response.text()).splitlines() == ["OK", "2026-01-02 03:04:05.678Z"]
    async with caller.http.get(f"{caller.url}/nl/jsp/ping.jsp") as response:
        assert (response.status, (await response.text())[:10]) == (403, "XSV-350008")


async def test_the_queue_of_message_center_is_told_to_who_is_logged_on(caller):
    await caller.call("nms:rtEvent", "PushEvent", "<rtEvent type='welcome'/>")
    headers = {"X-Session-Token": caller.session_token, "X-Security-Token": caller.security_token}
    async with caller.http.get(f"{caller.url}/nl/jsp/mcPing.jsp", headers=headers) as response:
        assert (await response.text()).splitlines() == ["Ok", "2026-01-02 03:04:05.678Z", "1/400 pending events"]
    async with caller.http.get(f"{caller.url}/nl/jsp/mcPing.jsp") as response:
        assert response.status == 403
