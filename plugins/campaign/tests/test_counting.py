"""An answer that does not tell a count is not taken for an empty table."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Permanent
from audience_gateway_campaign.reading import _count
from lxml import etree


def test_a_count_is_read():
    assert _count([etree.fromstring("<pdomOutput><recipient count='12'/></pdomOutput>")], "host") == 12


@pytest.mark.parametrize("record", ["", "<recipient/>", "<recipient count=''/>", "<recipient count='many'/>"])
def test_an_answer_without_a_count_is_refused(record):
    with pytest.raises(Permanent, match=r"host: .* holds no count"):
        _count([etree.fromstring(f"<pdomOutput>{record}</pdomOutput>")], "host")


def test_no_answer_at_all_is_refused():
    with pytest.raises(Permanent, match="holds no count"):
        _count([], "host")
