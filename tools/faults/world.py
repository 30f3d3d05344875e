"""What a scenario plays in: a stub, files of people, and gateways with one state directory and one database."""

from __future__ import annotations

import itertools
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import ledger
import oracle
from client import UNDER_WAY, GatewayClient, Unanswered
from oracle import Verdict
from people import People
from programs import Process, gateway_process, stub_process
from stub_client import StubClient, digest
from trap import Traps

END_SECONDS = 150.0
"""How long a transfer may take to end after its last fault."""
LEASE_SECONDS = 2.0
_SETTINGS = """
[server]
address = "127.0.0.1:0"
drain_seconds = 5
[storage]
state = "{state}"
{database}
[transfers]
chunk_rows = {chunk_rows}
deliver_rows = {deliver_rows}
lease_seconds = {lease_seconds}
[connections.files]
connector = "files"
[connections.files.settings]
bucket = "file://{files}"
[connections.stub]
connector = "stub"
[connections.stub.settings]
url = "{stub}"
[data_sources.any]
id_type = "declared_id"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the gateways of a scenario are, and what they work with.

    Attributes:
        directory: for settings, logs and the state, unless that is elsewhere.
        files: directory with the files of people.
        stub: address of the stub.
        chunk_rows: rows of a chunk while reading.
        deliver_rows: members of a chunk while delivering.
        database: address of a PostgreSQL database; empty for SQLite in the state directory.
        state: the state directory; None for one in the directory.
        seen: where we see the state directory; None for where it is.
        enter: a command that runs gateways where they see the state directory.
    """

    directory: Path
    files: Path
    stub: str
    chunk_rows: int
    deliver_rows: int
    database: str = ""
    state: Path | None = None
    seen: Path | None = None
    enter: tuple[str, ...] = ()

    @property
    def database_url(self) -> str:
        """Where the ledger is, for us."""
        return self.database or f"sqlite:///{self.seen_state / 'gateway.db'}"

    @property
    def seen_state(self) -> Path:
        """Where the state is, for us."""
        return self.seen or self.state_directory

    @property
    def state_directory(self) -> Path:
        """Where the state is."""
        return self.state or self.directory / "state"

    def write_settings(self) -> None:
        """Writes the settings of its gateways."""
        self.directory.mkdir(parents=True, exist_ok=True)
        text = _SETTINGS.format(
            state=self.state_directory,
            database=self._database(),
            chunk_rows=self.chunk_rows,
            deliver_rows=self.deliver_rows,
            lease_seconds=LEASE_SECONDS,
            files=self.files,
            stub=self.stub,
        )
        (self.directory / "gateway.toml").write_text(text, encoding="utf-8")

    def _database(self) -> str:
        if not self.database:
            return ""
        secret = self.directory / "database"
        secret.write_text(self.database, encoding="utf-8")
        return f'database = "file:{secret}"'


@dataclass
class Share:
    """A share under way, and what it is to lead to.

    Attributes:
        people: what is shared.
        audience: where to, in the stub.
        request_id: makes a repeat of the request find the same transfer.
        name: the transfer, once a gateway has told it.
    """

    people: People
    audience: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    name: str = ""


class World:
    """Gateways that share people with the stub.

    Args:
        place: where they are.
        replicas: how many gateways.
    """

    def __init__(self, place: Place, replicas: int = 1) -> None:
        place.write_settings()
        self.place = place
        self.traps = Traps(place.directory / "traps")
        self.stub = StubClient(place.stub)
        self.gateways: list[Process] = [
            gateway_process(place.directory, f"gateway-{number}", place.directory / "traps", place.enter)
            for number in range(1, replicas + 1)
        ]
        self.addresses: dict[int, str] = {}
        self.client = GatewayClient(lambda: list(self.addresses.values()))
        self._numbers = itertools.count(1)

    def start(self, number: int = 0) -> bool:
        """Starts a gateway, in place of the one that may still run; False if it has died before it was ready."""
        self.gateways[number].kill()
        self.addresses.pop(number, None)
        self.gateways[number].begin()
        return self.ready(number)

    def ready(self, number: int = 0) -> bool:
        """Waits until a gateway that was begun is ready; False if it has died before."""
        content = self.gateways[number].ready()
        if content is None:
            return False
        self.addresses[number] = content["address"]
        return True

    def start_all(self) -> None:
        """Starts the gateways that do not run."""
        begun = [number for number, gateway in enumerate(self.gateways) if gateway.dead]
        for number in begun:
            self.addresses.pop(number, None)
            self.gateways[number].begin()
        for number in begun:
            if not self.ready(number):
                raise RuntimeError(f"a gateway ended early; its log is {self.gateways[number].log}")

    def end(self) -> None:
        """Ends the gateways that run."""
        for gateway in self.gateways:
            gateway.kill()
        self.addresses.clear()

    def new_share(self, people: People, kind: str) -> Share:
        """A share into an audience that nobody else shares into."""
        return Share(people, f"{self.place.directory.name}-{kind}-{next(self._numbers)}")

    def begin(self, share: Share, *, patience: float | None = None) -> None:
        """Asks for the share, whether or not that was done before. Raises Unanswered, grpc.RpcError."""
        share.name = self.client.share(
            f"files/{share.people.audience}", f"stub/{share.audience}", share.request_id, patience=patience
        )

    def run(self, share: Share) -> dict[str, Any]:
        """Shares without any disturbance; answers the receipt."""
        self.begin(share)
        if self.client.ended(share.name, END_SECONDS) is None:
            raise RuntimeError(f"an undisturbed transfer has not ended within {END_SECONDS} seconds")
        return self.client.receipt(share.name)

    def verdict(self, share: Share, undisturbed: dict[str, Any], *, state: str = "succeeded") -> Verdict:
        """Waits for the end of a share, and judges it beside an undisturbed one."""
        ended = self.client.ended(share.name, END_SECONDS)
        if ended is None:
            return Verdict(unended=True)
        entry = self.entry(share)
        verdict = oracle.consistent(entry)
        if entry.receipt is None or entry.receipt["state"] != state:
            failure = f" ({ended.failure.message})" if ended.failure.message else ""
            return verdict | Verdict(untrue=(f"it ended as {entry.state}{failure}",))
        return verdict | oracle.same(self.client.receipt(share.name), undisturbed) | self.complete(share)

    def complete(self, share: Share) -> Verdict:
        """Whether the stub holds just the members of a share."""
        held = self.stub.held(share.audience)
        if held.sha256 == digest(share.people.members):
            return Verdict(doubled=held.doubled)
        return oracle.complete(share.people.members, self.stub.members(share.audience), held.doubled)

    def truthful(self, share: Share, before: set[str]) -> Verdict:
        """Whether the stub holds just what the receipt of a share says that ended before its time."""
        entry = self.entry(share)
        if entry.receipt is None:
            return oracle.consistent(entry)
        delivered = share.people.members_of(self.client.delivered_rows(share.name))
        held = self.stub.members(share.audience)
        told = oracle.truthful(entry.receipt, delivered, before=before, source=share.people.members, held=held)
        return oracle.consistent(entry) | told | Verdict(doubled=self.stub.held(share.audience).doubled)

    def forget(self, *shares: Share) -> None:
        """Drops what is kept of shares into one audience that are judged, for a long run has many."""
        for share in shares:
            shutil.rmtree(self.place.seen_state / "transfers" / _id(share), ignore_errors=True)
        self.stub.forget(shares[0].audience)

    def ended(self, share: Share) -> bool:
        """Whether a share is known to have ended; False also while nobody can be asked."""
        try:
            return bool(share.name) and self.client.transfer(share.name, patience=0).state not in UNDER_WAY
        except (Unanswered, grpc.RpcError):
            return False

    def entry(self, share: Share) -> ledger.Entry:
        """What the ledger says of a share."""
        return ledger.read(self.place.database_url, _id(share))


def _id(share: Share) -> str:
    return share.name.rpartition("/")[2]


@contextmanager
def running_stub(directory: Path) -> Iterator[StubClient]:
    """A stub, until the block ends."""
    process = stub_process(directory)
    try:
        yield StubClient(process.start()["url"])
    finally:
        process.kill()


@contextmanager
def ended_at_last(worlds: Sequence[World]) -> Iterator[None]:
    """Ends the gateways of worlds with the block."""
    try:
        yield
    finally:
        for world in worlds:
            world.end()
