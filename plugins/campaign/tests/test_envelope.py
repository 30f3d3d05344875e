from __future__ import annotations

from audience_gateway_campaign.envelope import Call, local_name, request_body, response_body
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def test_the_method_stands_in_the_namespace_of_its_service():
    body = etree.fromstring(request_body(Call("xtk:session", "GetServerTime"), ""))
    assert body.find(f"{{{SOAP}}}Body/{{urn:xtk:session}}GetServerTime") is not None


def test_the_first_parameter_is_the_session_token_even_if_it_is_empty():
    call = Call("xtk:session", "GetOption", {"name": "AAM_DataSourceId"})
    (method,) = etree.fromstring(request_body(call, "")).find(f"{{{SOAP}}}Body")
    assert [(local_name(parameter), parameter.text) for parameter in method] == [
        ("sessiontoken", None),
        ("name", "AAM_DataSourceId"),
    ]


def test_a_document_travels_in_no_namespace():
    call = Call("xtk:queryDef", "ExecuteQuery", {"entity": etree.Element("queryDef", schema="nms:recipient")})
    document = etree.fromstring(request_body(call, "token")).find(".//queryDef")
    assert document is not None
    assert document.get("schema") == "nms:recipient"


def test_a_call_can_be_written_twice():
    call = Call("xtk:session", "Write", {"domDoc": etree.Element("group")})
    assert request_body(call, "a").replace(b">a<", b">b<") == request_body(call, "b")


def test_texts_are_escaped():
    call = Call("xtk:session", "Logon", {"password": "<&>\"'"})
    assert etree.fromstring(request_body(call, "")).find(".//{*}password").text == "<&>\"'"


def test_the_representation_of_a_call_shows_no_parameter():
    assert "not-a-secret" not in repr(Call("xtk:session", "Logon", {"password": "not-a-secret"}))


def test_an_answer_is_found_by_local_names():
    for p in ("SOAP-ENV", "soap", "S"):
        answer = f"<{p}:Envelope xmlns:{p}='{SOAP}'><{p}:Body><R xmlns='urn:'/></{p}:Body></{p}:Envelope>"
        response = response_body(answer.encode())
        assert response is not None
        assert local_name(response) == "R"


def test_an_answer_in_another_encoding_is_read():
    declaration = "<?xml version='1.0' encoding='ISO-8859-1'?>"
    answer = f"{declaration}<e:Envelope xmlns:e='{SOAP}'><e:Body><R a='é'/></e:Body></e:Envelope>"
    response = response_body(answer.encode("iso-8859-1"))
    assert response is not None
    assert response.get("a") == "é"


def test_what_is_no_envelope_is_none():
    for content in (b"", b"OK", b"XSV-350012 Invalid login", b"<html><body/></html>", b"<a>", b"\x00\xff"):
        assert response_body(content) is None


def test_an_envelope_with_a_document_type_is_none():
    entities = "<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {name} '{'&' + of + ';'}{'&' + of + ';'}'>" for name, of in zip("bcdefgh", "abcdefg", strict=True)
    )
    answer = f"<!DOCTYPE e:Envelope [{entities}]><e:Envelope xmlns:e='{SOAP}'><e:Body><R>&h;</R></e:Body></e:Envelope>"
    assert response_body(answer.encode()) is None


def test_an_external_entity_is_not_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do not read me")
    doctype = f"<!DOCTYPE R [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"
    answer = f"{doctype}<e:Envelope xmlns:e='{SOAP}'><e:Body><R>&x;</R></e:Body></e:Envelope>"
    assert response_body(answer.encode()) is None
