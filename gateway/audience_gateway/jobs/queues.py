"""The queues of the job store: one for each name, so that one that is stuck slows no other."""

from __future__ import annotations

from collections.abc import Mapping

from dbos import DBOSClient

OCCURRENCES = "occurrences"
"""DBOS queue of what schedules let happen."""

_PREFIX = "jobs:"
_POLL_SECONDS = 0.25
_POLL_SECONDS_PER_QUEUE = 0.03  # so that many queues that are empty do not keep the database busy
_LONGEST_POLL_SECONDS = 1.0
_OCCURRENCES_AT_A_TIME = 16


class Queues:
    """Registers queues, so that processes listen to them.

    A queue that is named no longer stays in the job store, and every process goes on listening to it: its jobs run
    with the places that it had last.

    Args:
        client: the job store.
        places: for each queue, how many of its jobs one process runs side by side.
        other_places: the same for a queue that is not among these.
    """

    def __init__(self, client: DBOSClient, places: Mapping[str, int], other_places: int) -> None:
        self._client = client
        self._places = places
        self._other_places = other_places
        self._registered: set[str] = set()
        self._poll_seconds = min(max(_POLL_SECONDS, _POLL_SECONDS_PER_QUEUE * len(places)), _LONGEST_POLL_SECONDS)

    def register_all(self) -> None:
        """Registers the queues that are named. Before DBOS starts, so that it listens to them at once."""
        self._client.register_queue(
            OCCURRENCES, worker_concurrency=_OCCURRENCES_AT_A_TIME, polling_interval_sec=self._poll_seconds
        )
        for queue in self._places:
            self.registered(queue)

    def registered(self, queue: str) -> str:
        """The DBOS queue of this name, registered if it was not: processes then listen to it within a second."""
        name = _PREFIX + queue
        if name not in self._registered:
            self._client.register_queue(
                name,
                worker_concurrency=self._places.get(queue, self._other_places),
                partition_concurrency=1,
                polling_interval_sec=self._poll_seconds,
            )
            self._registered.add(name)
        return name
