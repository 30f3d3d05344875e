"""What could be otherwise about ids that find no record: written otherwise, another recipe, another codec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk import RECIPES, Codec, DataSource, KeyForm, Recipe, TextForm, find_recipe

_KEYLESS = tuple(codec for codec in Codec if codec not in {Codec.HMAC_SHA256, Codec.AES_CBC})
_NO_PLUS = r"^(?:00|\+)?([0-9(][0-9\s\p{Z}().\-/]*)$"
_NO_VALUE = pa.scalar(None, pa.string())


def _as_they_are(ids: pa.StringArray) -> pa.StringArray:
    return ids


def _with_plus(ids: pa.StringArray) -> pa.StringArray:
    trimmed = pc.utf8_trim_whitespace(ids)
    numbers = pc.replace_substring_regex(trimmed, _NO_PLUS, r"+\1")
    return pc.if_else(pc.match_substring_regex(trimmed, _NO_PLUS), numbers, _NO_VALUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One thing that could be otherwise.

    Attributes:
        condition: what it is, to stand behind `would match if`.
        remedy: what to do if it is the cause.
        asked: the data source as the ids would go by it.
        records: the data source as the ids of records would go by it.
        encoded: whether the ids would count as encoded already.
        rewrite: writes a column of ids otherwise; null where it cannot.
    """

    condition: str
    remedy: str
    asked: DataSource
    records: DataSource
    encoded: bool
    rewrite: Callable[[pa.StringArray], pa.StringArray] = _as_they_are


def as_it_is(source: DataSource, *, encoded: bool) -> Variation:
    """Nothing is otherwise: an id that matches so needs no change, as records have come since it did not."""
    return Variation(
        condition="they were shared again now", remedy="Share again.", asked=source, records=source, encoded=encoded
    )


def by_another(other: DataSource, *, encoded: bool) -> Variation:
    """The ids go by another data source."""
    return Variation(
        condition=f"the data source were `{other.name}`",
        remedy=f"Share with the data source `{other.name}`.",
        asked=other,
        records=other,
        encoded=encoded,
    )


def variations(source: DataSource, *, encoded: bool) -> Iterator[Variation]:
    """All that could be otherwise, the simplest first. Keys of codecs stay: there are no others to try."""
    recipe = find_recipe(source.recipe)
    yield from _rewritten(source, encoded=encoded)
    yield from (
        _recipe(source, other, encoded=encoded) for other in RECIPES.values() if recipe is None or other != recipe
    )
    yield from _counted_otherwise(source, encoded=encoded)
    for codec in _KEYLESS:
        if codec is not source.codec:
            yield from _codec(source, codec)
        if codec.hashes:
            yield _hashed_here(source, codec)


def _rewritten(source: DataSource, *, encoded: bool) -> Iterator[Variation]:
    ways: tuple[tuple[str, Callable[[pa.StringArray], pa.StringArray], str], ...] = (
        ("trimmed", pc.utf8_trim_whitespace, "Remove the white space around ids in the source, or set a recipe."),
        ("lower-cased", pc.utf8_lower, "Write ids in lower case in the source, or set the recipe `lower` or `email`."),
        ("upper-cased", pc.utf8_upper, "Write ids in upper case in the source."),
    )
    for way, rewrite, remedy in ways:
        yield Variation(
            condition=f"the ids were {way}",
            remedy=remedy,
            asked=source,
            records=source,
            encoded=encoded,
            rewrite=rewrite,
        )
    phones = replace(source, recipe="phone")
    yield Variation(
        condition="the ids were phone numbers with a plus",
        remedy="Write phone numbers with `+` and the country's code, and set the recipe `phone`.",
        asked=phones,
        records=phones,
        encoded=encoded,
        rewrite=_with_plus,
    )


def _recipe(source: DataSource, recipe: Recipe, *, encoded: bool) -> Variation:
    other = replace(source, recipe=recipe.label)
    return Variation(
        condition=f"the recipe were `{recipe.label}`",
        remedy=f"Set `recipe` to `{recipe.name}`.",
        asked=other,
        records=other,
        encoded=encoded,
    )


def _counted_otherwise(source: DataSource, *, encoded: bool) -> Iterator[Variation]:
    if source.codec is Codec.NONE:
        return
    if encoded or source.pre_encoded:
        yield Variation(
            condition="the ids counted as in clear",
            remedy=f"Encode the ids with `{source.codec}` in the source, or have it say that they are in clear.",
            asked=replace(source, pre_encoded=False),
            records=source,
            encoded=False,
        )
    else:
        yield Variation(
            condition=f"the ids counted as encoded with `{source.codec}` already",
            remedy="Have the source say that its ids are encoded, as with the setting `encoded` of files.",
            asked=source,
            records=source,
            encoded=True,
        )


def _codec(source: DataSource, codec: Codec) -> Iterator[Variation]:
    configured = find_recipe(source.recipe)
    labels = dict.fromkeys([*([configured.label] if configured else []), *RECIPES])
    for label in labels:
        other = replace(_bare(source, codec), recipe=label)
        same = configured is not None and label == configured.label
        yield Variation(
            condition=f"the codec were `{codec}`" + ("" if same else f" and the recipe `{label}`"),
            remedy=f"Set `codec` to `{codec}`" + ("." if same else f" and `recipe` to `{label.partition('@')[0]}`."),
            asked=other,
            records=other,
            encoded=True,
        )


def _hashed_here(source: DataSource, codec: Codec) -> Variation:
    """The ids are in clear and records hold hashes."""
    other = _bare(source, codec)
    return Variation(
        condition=f"the ids were hashed with `{codec}`, as ids of records are",
        remedy=f"Hash the ids in the source, set `codec` to `{codec}` and `pre_encoded`.",
        asked=other,
        records=replace(other, pre_encoded=True),
        encoded=False,
    )


def _bare(source: DataSource, codec: Codec) -> DataSource:
    """With a codec that has no key."""
    return replace(
        source, codec=codec, key=None, iv=None, key_form=KeyForm.HEX, text_form=TextForm.HEX, pre_encoded=False
    )
