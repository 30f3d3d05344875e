"""Malformed files by the thousand: sound ones, changed at random. `make fuzz` does it for as long as one likes."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[4] / "tools" / "fuzz"))

from properties import PROPERTIES, Broken
from seeds import seeds

SOUND: dict[int, list[bytes]] = defaultdict(list)
for seed in seeds():
    SOUND[seed[0]].append(seed[2:])

PIECES = st.sampled_from(
    [
        b"\t",
        b"\n",
        b"\r\n",
        b",",
        b'"',
        b"=",
        b":",
        b":0",
        b"%3A",
        b" ",
        b"\0",
        b"\xff",
        b"\xc3",
        b"|",
        b"24",
        b"d_sid=",
    ]
) | st.binary(max_size=3)


@st.composite
def changed(draw, texts):
    """A text with some pieces cut out, put in, or doubled."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 4))):
        begin, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        match draw(st.sampled_from(["cut", "put", "double"])):
            case "cut":
                text = text[:begin] + text[end:]
            case "put":
                text = text[:begin] + draw(PIECES) + text[begin:]
            case _:
                text = text[:end] + text[begin:]
    return text


@pytest.mark.parametrize("number", range(len(PROPERTIES)), ids=[each.__name__ for each in PROPERTIES])
def test_whatever_a_file_is_every_line_of_it_is_accounted_for(number):
    with asyncio.Runner() as runner:

        @settings(max_examples=500, deadline=None)
        @given(st.integers(0, 255), changed(SOUND[number]))
        def holds(choice, data):
            runner.run(PROPERTIES[number](choice, data))

        holds()


def test_a_property_that_does_not_hold_is_noticed(monkeypatch):
    monkeypatch.setattr("properties.read_outbound", lambda *_, **__: ("somebody else", True, False, None))
    with pytest.raises(Broken), asyncio.Runner() as runner:
        runner.run(PROPERTIES[1](0, b"a\t24\n"))
