"""What rows end in whose ids no record had, in a transfer that creates records for them."""

from __future__ import annotations

from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import columns
from audience_gateway.transfers.task import Task


def with_created(session: Session, task: Task, account: str, not_sent: Reason) -> str:
    """An account in which these rows end with what has come of their records; as it is where none are created.

    Works on `member` of settling. `account` is a query of row, reason and detail.
    """
    if not task.request.create_unknown_records:
        return account
    session.view("unknown", files(task.workspace.parts("unknown"), columns.UNKNOWN))
    session.view("created", files(task.workspace.parts("created"), columns.CREATED))
    session.view("before_creating", account)
    return f"""
        SELECT row, CASE
                WHEN ended.reason = '{Reason.ADDED}' AND created.target IS NOT NULL THEN '{Reason.RECORD_CREATED}'
                WHEN ended.reason = '{Reason.UNKNOWN_ID}' AND unknown.row IS NOT NULL
                    THEN coalesce(created.reason, '{not_sent}')
                ELSE ended.reason END AS reason, detail
        FROM before_creating AS ended LEFT JOIN unknown USING (row) LEFT JOIN created USING (row)
        WHERE ended.reason <> '{Reason.UNKNOWN_ID}' OR row NOT IN (SELECT row FROM member)"""
