"""What stays of a fault's text."""

from __future__ import annotations

import pytest
from audience_gateway_campaign.fault_words import without_values
from audience_gateway_campaign.faults import FaultError, fault_error
from lxml import etree

CANARIES = (
    "canarybird",
    "Canarybird",
    "CANARYBIRD",
    "canary-bird",
    "canary_bird",
    "5002",
    "a@b.example",
    "Ünsal",
    "李伟",
)


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize(
    "text", ["{}", "recipient {} exists", "name={}", "'{}'", "({})=({})", "{}, {}", "<{}>", "[{}/@id]", "key:{}", "{}."]
)
def test_no_value_stays_in_quotes_or_out_of_them(canary, text):
    assert canary not in without_values(text.replace("{}", canary))


def test_what_error_messages_are_made_of_stays():
    text = "PostgreSQL error: duplicate key value violates unique constraint"
    assert without_values(text) == text


def test_names_of_schemas_stay():
    assert without_values("The schema nms:recipient is locked.") == "The schema nms:recipient is locked."


def test_what_is_taken_out_leaves_one_gap():
    assert without_values("The record Ana Ruiz Pérez is locked") == "The record … is locked"


def test_quotes_are_taken_out_with_what_is_in_them_even_if_it_has_blanks():
    assert without_values("Unable to read 'name of the person' again") == "Unable to read … again"


def test_a_long_text_is_cut():
    assert len(without_values("error " * 1000)) <= 300


@pytest.mark.parametrize("detail", ["the record CRM-123456 is locked", "locked: CRM-123456"])
def test_an_id_that_looks_like_a_code_is_neither_code_nor_text(detail):
    fault = etree.Element("Fault")
    etree.SubElement(fault, "faultstring").text = "SOP-330011 Error while executing"
    etree.SubElement(fault, "detail").text = detail
    error = fault_error(fault, "host")
    assert isinstance(error, FaultError)
    assert error.code == "SOP-330011"
    assert "CRM-123456" not in str(error)
