"""Jobs in the job store: all that needs no process that runs them."""

from __future__ import annotations

from collections.abc import Sequence

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus

from audience_gateway.jobs.engine import Submission
from audience_gateway.jobs.queues import Queues
from audience_gateway.storage.lost_connections import retried

APPLICATION = "audience-gateway"
VERSION = "7"
"""Of the steps: their order and what they answer.

A job goes on in a process of the same version only; one of an older version begins anew.
"""
WORKFLOW = "transfer"
"""DBOS name of a job."""

_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_OLDER_PRIORITY = 10
_NUMBERS = 100_000_000
"""Numbers of one priority: DBOS takes 31 bits for both. Its own times of arrival are of the second on SQLite."""


def open_client(database_url: str) -> DBOSClient:
    """The job store of a database that DBOS has made its tables in."""
    return DBOSClient(
        system_database_url=database_url,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        retry_connection_errors=False,
    )


class JobStore:
    """Enters jobs, halts and resumes them, and drops them.

    Args:
        client: the job store.
        queues: its queues.
    """

    def __init__(self, client: DBOSClient, queues: Queues) -> None:
        self._client = client
        self._queues = queues

    @retried
    def submit(self, submission: Submission) -> None:
        """Enqueues the job under its own id: DBOS runs an id once."""
        queue, partition = submission.queue, submission.partition
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "workflow_id": submission.job_id,
            "queue_name": self._queues.registered(queue),
            "queue_partition_key": partition,
            "priority": submission.priority * _NUMBERS + submission.number % _NUMBERS,
            "app_version": VERSION,
        }
        self._client.enqueue(options, submission.job_id, queue, partition)

    @retried
    def halt(self, job_id: str) -> None:
        """Cancels the job, which DBOS lets be resumed."""
        self._client.cancel_workflow(job_id)

    @retried
    def resume(self, job_id: str) -> None:
        """Resumes a cancelled job in its queue, of which DBOS keeps the partition and the priority only."""
        for job in self._client.list_workflows(workflow_ids=[job_id], status="CANCELLED", load_output=False):
            if job.app_version == VERSION:
                queue = self._queues.registered(_submission(job).queue)
                self._client.resume_workflow(job_id, queue_name=queue)
            else:
                self._begin_anew(job)

    @retried
    def forget(self, job_ids: Sequence[str]) -> None:
        """Drops jobs that have ended or are halted."""
        if job_ids:
            ended = self._client.list_workflows(
                workflow_ids=list(job_ids), status=_ENDED, load_input=False, load_output=False
            )
            self._client.delete_workflows([job.workflow_id for job in ended])

    def renew_older(self) -> None:
        """Lets jobs that wait in a queue begin anew if they are of an older version; their steps may have changed."""
        latest, *older = [version["version_name"] for version in self._client.list_application_versions()] or [VERSION]
        if latest == VERSION and older:
            for job in self._client.list_workflows(
                status="ENQUEUED", name=WORKFLOW, app_version=older, load_output=False
            ):
                self._begin_anew(job)

    def _begin_anew(self, job: WorkflowStatus) -> None:
        self._client.delete_workflows([job.workflow_id])
        self.submit(_submission(job))


def _submission(job: WorkflowStatus) -> Submission:
    given = list(job.input["args"]) if job.input else []
    priority, number = divmod(job.priority or 0, _NUMBERS)
    return Submission(
        job_id=job.workflow_id,
        queue=given[1] if len(given) > 1 else str(job.queue_name),  # before version 2, jobs were told their id only
        partition=job.queue_partition_key or job.workflow_id,
        priority=priority or _OLDER_PRIORITY,
        number=number if priority else 0,  # a job from before jobs were numbered goes before those that are
    )
