"""How jobs go on: NEW, QUEUED, PROCESSING, and an end (rtcdp 1.5, 11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from audience_gateway_sandbox.platform.storage import Document, Documents, Space

NEW, QUEUED, PROCESSING, SUCCEEDED, FAILED = "NEW", "QUEUED", "PROCESSING", "SUCCEEDED", "FAILED"
CANCELLING, CANCELLED = "CANCELLING", "CANCELLED"
ENDED = frozenset({SUCCEEDED, FAILED, CANCELLED})
Run = Callable[[Space, Document], dict[str, Any]]
"""Does the work of a job and answers what of its body changes; its status among it."""


def begin(space: Space, kind: str, document: Document) -> None:
    """Have a new job go on."""
    space.later(kind, document.id, _share(space, 1))


def go_on(space: Space, kind: str, id_: str, run: Run) -> None:
    """Take a job one state further; jobs of one kind are processed one after the other.

    Args:
        space: the sandbox, at the time at which the job is due.
        kind: of the documents and of the item of the agenda.
        id_: the job's.
        run: does its work.
    """
    jobs = space.documents(kind)
    document = jobs.get(id_)
    if document is None or document.body["status"] in ENDED:
        return
    match document.body["status"]:
        case status if status == CANCELLING:
            jobs.put(id_, document.body | {"status": CANCELLED})
        case status if status == PROCESSING:
            jobs.put(id_, document.body | run(space, document))
        case _ if _another_is_processed(jobs):
            jobs.put(id_, document.body | {"status": QUEUED})
            space.later(kind, id_, _share(space, 1))
        case _:
            jobs.put(id_, document.body | {"status": PROCESSING})
            space.later(kind, id_, _share(space, 3))


def fail(space: Space, kind: str, id_: str) -> None:
    """End a job whose work could not be done."""
    document = space.documents(kind).get(id_)
    if document is not None:
        error = {"code": "500", "msg": "The job failed.", "callStack": []}
        space.documents(kind).put(id_, document.body | {"status": FAILED, "errors": [error]})


def cancel(space: Space, kind: str, document: Document) -> None:
    """Have a job end without its work, soon; one that has ended stays as it is."""
    if document.body["status"] not in ENDED:
        space.documents(kind).put(document.id, document.body | {"status": CANCELLING})
        space.later(kind, document.id, _share(space, 1))


def _share(space: Space, quarters: int) -> timedelta:
    return timedelta(milliseconds=space.assumptions.job_milliseconds) * quarters / 4


def _another_is_processed(jobs: Documents) -> bool:
    row = jobs.database.execute(
        "SELECT 1 FROM document WHERE space = ? AND kind = ? AND json_extract(body, '$.status') = ? LIMIT 1",
        (jobs.space, jobs.kind, PROCESSING),
    )
    return row.fetchone() is not None
