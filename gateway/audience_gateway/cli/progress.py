"""A bar for each stage of a transfer, moving while it runs."""

from __future__ import annotations

from collections.abc import Iterable

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from audience_gateway.cli.labels import enum_label
from audience_gateway.v1 import transfer_pb2


def follow(transfers: Iterable[transfer_pb2.Transfer], *, quiet: bool) -> transfer_pb2.Transfer:
    """Shows each state of a transfer as it comes, unless quiet, and answers the last one."""
    last = transfer_pb2.Transfer()
    bars: dict[int, TaskID] = {}
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=quiet) as shown:
        for last in transfers:
            for stage in last.progress:
                if stage.stage not in bars:
                    bars[stage.stage] = shown.add_task(
                        enum_label(transfer_pb2.Stage.DESCRIPTOR, stage.stage), total=None
                    )
                _move(shown, bars[stage.stage], stage, done=stage.stage < last.stage)
        _finish(shown, bars.values(), last)
    return last


def _move(shown: Progress, bar: TaskID, stage: transfer_pb2.StageProgress, *, done: bool) -> None:
    total = stage.rows_total if stage.HasField("rows_total") else None
    shown.update(bar, completed=stage.rows_done, total=stage.rows_done if done else total)


def _finish(shown: Progress, bars: Iterable[TaskID], last: transfer_pb2.Transfer) -> None:
    if last.state == transfer_pb2.TRANSFER_STATE_SUCCEEDED:
        for bar in bars:
            shown.update(bar, total=shown.tasks[bar].completed)
