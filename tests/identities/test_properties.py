"""What holds of every strategy, whatever the ids: nothing is lost, and only the id itself decides."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.identity.normalisation import normalise
from audience_gateway.sdk import PLACEHOLDERS, DataSource
from traps import SECRETS, SOURCES, STRATEGIES, aes, base64_of, keyed, md5, sha1, sha256

clear = (
    st.text(max_size=40)
    | st.emails()
    | st.sampled_from(sorted(PLACEHOLDERS))
    | st.uuids().map(str)
    | st.integers(10**36, 10**39).map(str)
    | st.integers(10**5, 10**16).map("+{}".format)
    | st.sampled_from(["", " ", "\x00", "rcp-0042"])
)
codes = st.sampled_from([md5, sha1, sha256, keyed, aes, lambda text: base64_of(aes(text))])
ids = clear | st.builds(lambda code, text: code(text), codes, clear) | st.text("0123456789abcdef", max_size=70)
shouted = st.builds(lambda text, shout: text.upper() if shout else text, ids, st.booleans())
columns = st.lists(st.none() | shouted, max_size=8)
sources = st.sampled_from(sorted(SOURCES.values(), key=lambda source: source.name))


@pytest.fixture(scope="module", autouse=True)
def secrets():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield


def judged(source: DataSource, texts: list[str | None], *, encoded: bool) -> list[tuple[str | None, str | None]]:
    """Value and reason of each; the core refuses an answer of another length, or with neither or both."""
    answer = normalise(STRATEGIES[source.id_type], pa.array(texts, pa.string()), source, encoded=encoded)
    return list(zip(answer.values.to_pylist(), answer.reasons.to_pylist(), strict=True))


@given(sources, columns, st.booleans())
def test_each_row_has_either_a_value_or_a_reason(source, texts, encoded):
    rows = judged(source, texts, encoded=encoded)
    assert len(rows) == len(texts)
    assert all((value is None) != (reason is None) for value, reason in rows)


@given(sources, st.lists(shouted, max_size=8), st.booleans())
def test_a_normalised_id_stays_as_it_is(source, texts, encoded):
    valid = [row for row in judged(source, texts, encoded=encoded) if row[0] is not None]
    assert judged(source, [value for value, _ in valid], encoded=True) == valid


@given(sources, columns, st.booleans(), st.randoms(use_true_random=False))
def test_neither_order_nor_neighbours_matter(source, texts, encoded, chance):
    together = dict(zip(range(len(texts)), judged(source, texts, encoded=encoded), strict=True))
    order = chance.sample(range(len(texts)), len(texts))
    shuffled = judged(source, [texts[index] for index in order], encoded=encoded)
    assert dict(zip(order, shuffled, strict=True)) == together
    assert [judged(source, [text], encoded=encoded) for text in texts] == [[row] for row in together.values()]


@given(sources, columns, st.booleans(), st.integers(0, 8), st.integers(0, 8))
def test_a_slice_is_judged_like_a_column(source, texts, encoded, start, length):
    whole = normalise(
        STRATEGIES[source.id_type], pa.array(texts, pa.string()).slice(start, length), source, encoded=encoded
    )
    rows = judged(source, texts, encoded=encoded)[start : start + length]
    assert list(zip(whole.values.to_pylist(), whole.reasons.to_pylist(), strict=True)) == rows
