"""The reconciliation strategy of the id type `declared_id`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import (
    RECIPES,
    Codec,
    ConfigError,
    DataSource,
    Normalised,
    Reason,
    Recipe,
    find_recipe,
    hash_of_empty,
    is_placeholder,
)

from audience_gateway_declared_id.canonical import from_clear, from_hashes

_NO_TEXT = pa.scalar(None, pa.string())


class DeclaredId:
    """Declared IDs: any attribute of a record, normalised by the data source's recipe and hashed by its codec."""

    id_type = "declared_id"
    title = "Declared ID"
    description = (
        "An id that you gave to a person, such as a customer number or an e-mail address: any text without `:` "
        "and `%3A` after the recipe, in clear or as its MD5, SHA-1 or SHA-256."
    )

    def check(self, source: DataSource) -> None:
        """Raises ConfigError if there is no such recipe."""
        _recipe(source)

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
        """Takes hashes as they are, but for case and white space; brings everything else into the codec's form.

        Raises ConfigError if the data source has no valid recipe.
        """
        hashed = encoded and source.codec is not Codec.NONE
        values = from_hashes(ids, source.codec) if hashed else from_clear(ids, _recipe(source), source.codec)
        placeholder = is_placeholder(ids)
        of_empty = pc.and_(hashed, pc.fill_null(pc.equal(values, hash_of_empty(source.codec)), False))
        valid = pc.and_not(pc.is_valid(values), pc.or_(placeholder, of_empty))
        reasons = pc.case_when(
            pc.make_struct(valid, pc.is_null(ids), placeholder, of_empty),
            _NO_TEXT,
            Reason.NO_ID,
            Reason.PLACEHOLDER_ID,
            Reason.HASH_OF_EMPTY,
            Reason.INVALID_ID,
        )
        return Normalised(values=pc.if_else(valid, values, _NO_TEXT), reasons=reasons)


def _recipe(source: DataSource) -> Recipe:
    recipe = find_recipe(source.recipe)
    if recipe is None:
        raise ConfigError(
            f"found the recipe `{source.recipe}`, which does not exist",
            place=f"data_sources.{source.name}.recipe",
            remedy=f"Allowed are {', '.join(RECIPES)}, also without the version for the newest.",
        )
    return recipe
