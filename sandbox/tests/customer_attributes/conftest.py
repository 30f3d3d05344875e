"""Customer Attributes on a clock that stands still unless it is moved."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.customer_attributes import CustomerAttributes

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@dataclass
class Office:
    """Somebody who uploads to the source `crm`, and looks at what becomes of it."""

    directory: Path
    service: CustomerAttributes
    now: datetime = NOON

    @property
    def account(self):
        return self.directory / "customerAttributes" / "crm"

    def upload(self, name, content, *, fin=True):
        (self.account / name).write_bytes(content)
        if fin:
            (self.account / f"{name.partition('.csv')[0]}.fin").touch()

    def wait(self, **duration):
        self.now += timedelta(**duration)
        self.service.run_due(self.now)

    def reports(self):
        return self.service.tell("crm")["files"]

    def process(self, name, content):
        """Upload a file long after any other one, and answer its report."""
        self.wait(hours=1)
        self.upload(name, content)
        self.wait(minutes=1)
        return self.reports()[-1]

    def files(self):
        return sorted(path.relative_to(self.account).as_posix() for path in self.account.rglob("*") if path.is_file())


@pytest.fixture
def office(tmp_path):
    service = CustomerAttributes(tmp_path, NOON, Assumptions())
    yield Office(tmp_path, service)
    service.close()
