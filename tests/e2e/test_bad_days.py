"""What goes wrong outside ends in one line with a remedy, never in a traceback, and nothing secret is said."""

from __future__ import annotations

import gzip
import urllib.request

import pytest


def shared(gateway, name):
    return gateway.cli("share", "people/gold", f"campaign/{name}", "--data-source", "visitor-id")


def only_line(done):
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stdout
    return lines[0]


def test_a_wrong_password_is_said_in_one_line_that_does_not_hold_it(gateway):
    gateway.environment["CAMPAIGN_PASSWORD"] = "canary-password"
    gateway.start()
    done = shared(gateway, "never")
    assert done.returncode == 1
    line = only_line(done)
    assert "password" in line.lower()
    assert "canary-password" not in done.stdout + done.stderr + gateway.log


def test_a_password_that_is_not_set_names_the_reference(gateway):
    gateway.environment["CAMPAIGN_PASSWORD"] = ""
    gateway.start()
    done = shared(gateway, "never")
    assert done.returncode == 1
    assert "env:CAMPAIGN_PASSWORD" in only_line(done)


def test_an_expired_session_is_renewed_without_a_word(gateway, systems):
    gateway.start()
    assert gateway.cli("audiences", "list", "campaign").returncode == 0
    body = b'{"expire_sessions": true}'
    request = urllib.request.Request(
        f"{systems.ready['admin']['url']}/sandbox/faults", data=body, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).close()
    assert shared(gateway, "after-expiry").returncode == 0


def test_a_system_that_does_not_answer_fails_the_transfer_with_a_remedy(gateway, systems):
    gateway.start(**{systems.ready["campaign"]["url"]: "http://127.0.0.1:9"})
    done = shared(gateway, "never")
    assert done.returncode == 1
    line = only_line(done)
    assert "127.0.0.1:9" in line
    assert "cannot be reached" in line


def test_a_bad_setting_is_answered_with_its_path_and_what_is_allowed(gateway):
    with pytest.raises(AssertionError) as failed:
        gateway.start(**{'connector = "people"': 'connector = "poeple"'})
    text = str(failed.value)
    allowed = "audience_manager, campaign, customer_attributes, files, people, rtcdp"
    assert f"connections.people.connector: found 'poeple', allowed: {allowed}" in text
    assert "Traceback" not in text


def test_no_id_of_anybody_is_logged(gateway, systems):
    gateway.start()
    assert shared(gateway, "quiet").returncode == 0
    directory = systems.directory / "sandbox" / "importSharedAudience"
    newest = max(directory.rglob("*.sync.gz"))
    ids = {line.split(b"\t")[0].decode(errors="replace") for line in gzip.decompress(newest.read_bytes()).splitlines()}
    said = gateway.log
    assert not [one for one in ids if len(one) > 20 and one in said]
