"""Work on the rows of a column that have something in common, group by group."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc


def in_groups(column: pa.Array, groups: pa.Array, work: Callable[[pa.Array, int], pa.Array]) -> pa.Array:
    """What the work makes of the rows of each group, in the order of the column.

    Args:
        column: the rows.
        groups: number of the group of each row; they are to be few.
        work: makes a column of the same length of the rows of one group and its number.
    """
    rows, made = [], []
    for group in pc.unique(groups).to_pylist():
        chosen = pc.indices_nonzero(pc.equal(groups, group))
        rows.append(chosen)
        made.append(work(column.take(chosen), group))
    return pa.concat_arrays(made).take(pc.sort_indices(pa.concat_arrays(rows))) if made else column
