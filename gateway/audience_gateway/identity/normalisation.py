"""Calls a reconciliation strategy and holds it to its contract: every id gets a value or a reason."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk import DataSource, Normalised, Permanent, Reason, Reconciler, find_recipe

_ROWS_AT_ONCE = 50_000
_REASONS = pa.array([reason.value for reason in Reason])


def recipe_label(source: DataSource) -> str:
    """The data source's recipe with its version; as it is configured where no such recipe is known."""
    recipe = find_recipe(source.recipe)
    return recipe.label if recipe else source.recipe


def normalise(strategy: Reconciler, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
    """The strategy's answer.

    Raises Permanent if it loses a row, or leaves one without a value and without a known reason.
    """
    # What it works with stays in the processor's cache, and in memory that need not come from the system again.
    parts = [ids.slice(first, _ROWS_AT_ONCE) for first in range(0, len(ids), _ROWS_AT_ONCE)]
    answers = [_answer(strategy, part, source, encoded=encoded) for part in parts or [ids]]
    return Normalised(
        pa.concat_arrays([answer.values for answer in answers]),
        pa.concat_arrays([answer.reasons for answer in answers]),
    )


def _answer(strategy: Reconciler, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
    answer = strategy.normalise(ids, source, encoded=encoded)
    complaint = _complaint(answer, len(ids))
    if complaint:
        raise Permanent(
            f"the reconciliation strategy {strategy.id_type} {complaint}",
            remedy="Report this to the author of the plugin: no row may be lost.",
        )
    return answer


def _complaint(answer: Normalised, rows: int) -> str:
    if len(answer.values) != rows or len(answer.reasons) != rows:
        return f"answered {len(answer.values)} values and {len(answer.reasons)} reasons for {rows} ids"
    both = pc.sum(pc.equal(pc.is_null(answer.values), pc.is_null(answer.reasons))).as_py() or 0
    if both:
        return f"gave {both} ids neither or both of value and reason"
    unknown = pc.sum(pc.invert(pc.is_in(answer.reasons.drop_null(), value_set=_REASONS))).as_py() or 0
    if unknown:
        return f"gave {unknown} ids a reason that is not in the closed list"
    return ""
