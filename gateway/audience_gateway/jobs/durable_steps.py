"""Steps whose results DBOS keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import sqlalchemy as sa
import structlog
from dbos import DBOS
from dbos import error as dbos_error

from audience_gateway.jobs.bridge import LoopBridge
from audience_gateway.jobs.engine import StepResult, Stopped


class DurableSteps:
    """The steps of one run of a job.

    Args:
        bridge: to the event loop.
        still_ours: raises Stopped if another process may have taken the job over.
    """

    def __init__(self, bridge: LoopBridge, still_ours: Callable[[], None]) -> None:
        self._bridge = bridge
        self._still_ours = still_ours

    def still_ours(self) -> None:
        """Raises Stopped if another process may have taken the job over."""
        self._still_ours()

    def run(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        """Runs a step, unless its result is kept. Raises what the step raises, of which nothing is kept."""
        self._still_ours()

        def call() -> StepResult:
            try:
                return self._bridge.call(step)
            except Exception as error:  # noqa: BLE001  # DBOS would keep its text, and replay it as another type
                raise _Raised(error) from None

        try:
            return DBOS.run_step({"name": name}, call)
        except _Raised as raised:
            raise raised.error from None
        except (dbos_error.DBOSWorkflowCancelledError, dbos_error.DBOSWorkflowConflictIDError, AssertionError):
            # Halted, taken over, or dropped. Stopped leaves what is recorded alone, and no thread waits for the other.
            raise Stopped from None
        except sa.exc.SQLAlchemyError as error:
            structlog.get_logger("jobs").warning("step not kept", type=type(error).__qualname__)
            raise Stopped from None


class _Raised(BaseException):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
