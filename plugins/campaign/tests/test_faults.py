from __future__ import annotations

import pytest
from audience_gateway.sdk import AuthError, Permanent, RateLimited, Transient
from audience_gateway_campaign.faults import Answer, FaultError, SessionRefusedError, fault_error, http_error
from lxml import etree


def fault(text: str, detail: str = "") -> etree._Element:
    element = etree.Element("Fault")
    etree.SubElement(element, "faultstring").text = text
    etree.SubElement(element, "detail").text = detail
    return element


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("XSV-350008 Session has expired or is invalid. Please reconnect.", SessionRefusedError),
        ("XSV-350012 Invalid login or password. Connection denied.", AuthError),
        ("XSV-350013 The '10.0.0.1' IP address via which you connect is not in a zone.", AuthError),
        ("XTK-170036 Unable to parse expression '@loyalty'.", FaultError),
        ("PGS-220000 PostgreSQL error: duplicate key", FaultError),
        ("Something without a code", FaultError),
    ],
)
def test_a_code_tells_the_error(text, error):
    assert type(fault_error(fault(text), "host")) is error


def test_every_refused_logon_has_a_remedy():
    for code in ("XSV-350008", "XSV-350012", "XSV-350013"):
        assert fault_error(fault(f"{code} no"), "host").remedy


def test_the_cause_behind_the_generic_wrapper_is_reported():
    error = fault_error(fault("SOP-330011 Error while executing", "XTK-170036 Unable to parse"), "host")
    assert isinstance(error, FaultError)
    assert error.code == "XTK-170036"


def test_a_wrapper_without_a_cause_keeps_its_own_code():
    error = fault_error(fault("SOP-330011 Error while executing"), "host")
    assert isinstance(error, FaultError)
    assert error.code == "SOP-330011"


def test_values_of_rows_do_not_get_into_the_text():
    text = "PGS-220000 duplicate (iRecipientId, sName)=(5002, Ruiz) for 'ana' and ana.ruiz@example.org"
    message = str(fault_error(fault(text), "host"))
    assert "PGS-220000" in message
    assert "duplicate" in message
    for value in ("5002", "Ruiz", "'ana'", "example.org"):
        assert value not in message


@pytest.mark.parametrize(
    ("status", "headers", "text", "error"),
    [
        (403, {}, "XSV-350012 Invalid login or password. Connection denied.", AuthError),
        (403, {}, "XSV-350008 Session has expired or is invalid. Please reconnect.", SessionRefusedError),
        (401, {}, "", SessionRefusedError),
        (403, {}, "<html>Forbidden</html>", SessionRefusedError),
        (429, {}, "", RateLimited),
        (503, {"Retry-After": "7"}, "", RateLimited),
        (503, {}, "", Transient),
        (502, {}, "<html>Bad gateway</html>", Transient),
        (404, {}, "<html>Not found</html>", Permanent),
        (302, {}, "", Permanent),
        (200, {}, "<html>Welcome</html>", Permanent),
        (200, {}, "XSV-350008 Session has expired", SessionRefusedError),
    ],
)
def test_an_answer_without_an_envelope_is_understood(status, headers, text, error):
    assert type(http_error(Answer(status, headers, text.encode()), "host")) is error


def test_the_wait_that_campaign_names_is_kept():
    error = http_error(Answer(429, {"Retry-After": "38"}, b""), "host")
    assert isinstance(error, RateLimited)
    assert error.retry_after == 38


def test_only_refusals_of_names_concern_every_row():
    assert FaultError("XTK-170036", "", place="").is_about_the_request
    assert not FaultError("PGS-220000", "", place="").is_about_the_request
