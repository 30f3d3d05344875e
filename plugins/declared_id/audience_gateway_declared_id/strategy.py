"""The reconciliation strategy of the id type `declared_id`."""

from __future__ import annotations

import pyarrow as pa
from audience_gateway.sdk import (
    RECIPES,
    Codec,
    ConfigError,
    DataSource,
    Normalised,
    Recipe,
    check_codec,
    check_not_of_devices,
    find_recipe,
)

from audience_gateway_declared_id.canonical import from_ciphertexts, from_clear, from_hashes, from_plain


class DeclaredId:
    """Declared IDs: any attribute of a record, normalised by the data source's recipe and encoded by its codec."""

    id_type = "declared_id"
    title = "Declared ID"
    description = (
        "An id that you gave to a person, such as a customer number or an e-mail address: any text without `:` "
        "and `%3A` after the recipe, in clear, hashed or encrypted."
    )

    def check(self, source: DataSource) -> None:
        """Raises ConfigError for a recipe that does not exist, a codec that lacks settings, or a kind of device."""
        check_not_of_devices(source)
        _recipe(source)
        check_codec(source)

    def check_naming(self, source: DataSource) -> None:
        """Raises ConfigError for ids that may be anything but those of records in clear."""
        setting, finding = _unnaming(source)
        if finding:
            raise ConfigError(
                f"records are to be created by its ids, and {finding}",
                place=f"data_sources.{source.name}.{setting}",
                remedy="Name a data source whose ids are in clear, or share without creating records.",
            )

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
        """Brings everything into the codec's form; what it has encoded already stays as it is, but for case and space.

        Raises ConfigError if the data source has no valid recipe, or its codec no valid keys.
        """
        recipe = _recipe(source)
        if source.codec is Codec.NONE:
            return from_plain(ids, recipe, source)
        if not (encoded or source.pre_encoded):
            return from_clear(ids, recipe, source)
        return from_hashes(ids, source) if source.codec.hashes else from_ciphertexts(ids, recipe, source)


def _unnaming(source: DataSource) -> tuple[str, str]:
    """The setting that keeps ids from standing in a record, and why; two empty texts if none does."""
    if source.codec.hashes:
        return "codec", "nothing leads from a hash to the id that a record holds"
    if source.codec is not Codec.NONE:
        return "codec", "these are encrypted"
    return ("clear_digests", "they may be hashes") if source.clear_digests else ("", "")


def _recipe(source: DataSource) -> Recipe:
    recipe = find_recipe(source.recipe)
    if recipe is None:
        raise ConfigError(
            f"found the recipe `{source.recipe}`, which does not exist",
            place=f"data_sources.{source.name}.recipe",
            remedy=f"Allowed are {', '.join(RECIPES)}, also without the version for the newest.",
        )
    return recipe
