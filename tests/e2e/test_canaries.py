"""Nothing that is personal or secret leaves the gateway but by delivery: not in logs, outputs, receipts or databases.

Canaries are planted wherever an id, an address, a password, a secret or a token comes from. Each is then looked for in
all that was said and kept. Ids may be in Parquet files of workspaces and snapshots; passwords and tokens nowhere.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.v1.audience_service_pb2 import ShareAudienceRequest
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.transfer_pb2 import TransferState
from audience_gateway.v1.transfer_service_pb2 import GetReceiptRequest, ListOutcomesRequest, WatchTransferRequest
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub

CANARY = "canarybird"
WRONG_PASSWORD = "canary-of-a-wrong-password"
OLD_SECRET = "canary-of-an-old-secret"
_TOKEN = re.compile(rb'"access_token"\s*:\s*"([^"]+)"|<(?:pstrSessionToken|pstrSecurityToken)[^>]*>([^<]+)<')
_PASSED_ON = ("Content-Type", "SOAPAction", "Cookie", "X-Security-Token", "Authorization")
SETTINGS = """
[transfers]
attempts = 1

[connections.by-token]
connector = "campaign"
[connections.by-token.settings]
url = "{url}"
credentials = "good"

[connections.by-wrong-secret]
connector = "campaign"
[connections.by-wrong-secret.settings]
url = "{url}"
credentials = "bad"

[connections.by-wrong-password]
connector = "campaign"
[connections.by-wrong-password.settings]
url = "{url}"
user = "gw_api"
password = "env:WRONG_PASSWORD"

[credentials.good]
provider = "ims"
[credentials.good.settings]
url = "{url}"
client_id = "{client}"
client_secrets = ["env:OLD_SECRET", "env:IMS_SECRET"]

[credentials.bad]
provider = "ims"
[credentials.bad.settings]
url = "{url}"
client_id = "{client}"
client_secrets = ["env:OLD_SECRET"]

[data_sources.canaries]
id_type = "visitor_id"
reconciliation_key = "[trackingLog/@sourceId]"
aam_data_source_id = 3000
aam_destination_id = 1001

[connections.people.settings.audiences.canaries]
segment_id = 99
trait_id = 2099

[connections.campaign]
"""


class Middle(ThreadingHTTPServer):
    """Stands between the gateway and the sandbox: notes tokens, and answers in the sandbox's place when told to."""

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.tokens: set[str] = set()
        self.instead: Callable[[bytes], tuple[int, bytes] | None] = lambda body: None

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if told := self.instead(body):
            return told
        request = urllib.request.Request(self.behind + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, content = error.code, error.read()
        self.tokens |= {(first or second).decode() for first, second in _TOKEN.findall(content)}
        return status, content


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Middle

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        status, content = self.server.answer(self.path, headers, body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if content[:1] == b"{" else "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def middle(systems) -> Iterator[Middle]:
    with Middle(systems.ready["ims"]["url"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Story:
    """What was planted, and all that the gateway said and kept.

    Attributes:
        personal: ids and addresses.
        secret: passwords, secrets and tokens.
        printed: what commands and answers of the API said.
        failures: why shares failed, by their destinations; empty for those that succeeded.
    """

    gateway: Any
    middle: Middle
    personal: set[str] = field(default_factory=set)
    secret: set[str] = field(default_factory=set)
    printed: str = ""
    failures: dict[str, str] = field(default_factory=dict)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = self.gateway.cli(*arguments)
        self.printed += done.stdout + done.stderr
        return done

    def share(self, source: str, destination: str, data_source: str = "email") -> None:
        """Shares by the API, which takes less time than a command."""
        (source, audience), (to, name) = source.split("/"), destination.split("/")
        request = ShareAudienceRequest(
            source=f"connections/{source}/audiences/{audience}",
            destination=f"connections/{to}/audiences/{name}",
            data_source=f"dataSources/{data_source}",
        )
        with grpc.insecure_channel(self.gateway.address) as channel:
            started = AudienceServiceStub(channel).ShareAudience(request).transfer
            stub = TransferServiceStub(channel)
            *_, last = stub.WatchTransfer(WatchTransferRequest(name=started.name))
            self.printed += str(last)
            if last.transfer.state == TransferState.TRANSFER_STATE_SUCCEEDED:
                self.printed += str(stub.ListOutcomes(ListOutcomesRequest(parent=started.name, page_size=1000)))
                self.printed += str(stub.GetReceipt(GetReceiptRequest(name=started.name)))
        self.failures[destination] = last.transfer.failure.message

    def share_by_command(self, source: str, destination: str) -> None:
        done = self.cli("share", source, destination, "--data-source", "email")
        self.failures[destination] = done.stderr

    def write(self, name: str, content: bytes) -> str:
        (self.gateway.state / "lists" / name).write_bytes(content)
        return f"files/{name}"

    @contextmanager
    def answered(self, to: bytes, status: int, content: bytes) -> Iterator[None]:
        """Calls that hold `to` are answered with this content."""
        self.middle.instead = lambda body: (status, content) if to in body else None
        yield
        self.middle.instead = lambda body: None

    def kept(self, directory: str) -> list[Path]:
        return [path for path in (self.gateway.state / directory).rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def story(shared_gateway, systems, middle) -> Story:
    """Shares that succeed and shares that fail in every way there is, with canaries in all of their places."""
    told = Story(shared_gateway, middle)
    ready = systems.ready
    told.secret |= {ready["campaign"]["password"], ready["ims"]["client_secret"], WRONG_PASSWORD, OLD_SECRET}
    shared_gateway.environment |= {
        "WRONG_PASSWORD": WRONG_PASSWORD,
        "OLD_SECRET": OLD_SECRET,
        "IMS_SECRET": ready["ims"]["client_secret"],
    }
    added = SETTINGS.format(url=middle.url, client=ready["ims"]["client_id"])
    shared_gateway.start(**{ready["campaign"]["url"]: middle.url, "\n[connections.campaign]\n": added})
    tell_of_success(told, systems)
    tell_of_files(told)
    tell_of_access(told)
    tell_of_answers(told)
    tell_of_the_unexpected(told)
    look_at_all(told)
    told.secret |= middle.tokens
    return told


def tell_of_success(told: Story, systems) -> None:
    database = f"file:{systems.directory / 'sandbox' / 'campaign.sqlite'}?mode=ro"
    with closing(sqlite3.connect(database, uri=True)) as campaign:
        emails = [email for (email,) in campaign.execute("SELECT email FROM recipient WHERE email <> '' LIMIT 100")]
        visitors = [one for (one,) in campaign.execute("SELECT DISTINCT source_id FROM tracking_log LIMIT 100")]
    visitors += ["4" * 38, CANARY + "-visitor", "not-set"]
    told.personal |= {
        CANARY,
        *emails,
        *map(str.strip, emails),
        *(one.strip().lower() for one in emails),
        *visitors[:-1],
    }
    told.personal |= {hashlib.sha256(email.strip().lower().encode()).hexdigest() for email in emails}
    rows = "".join(f'"{CANARY} {email}","{email}"\n' for email in [*emails, f"{CANARY}@example.org", CANARY])
    content = f'name,personalEmail_address\n{rows}{CANARY}\n{CANARY},{CANARY},{CANARY}\n"{CANARY},x\n'.encode()
    content += CANARY.encode() + b",\xff\n" + CANARY.encode() * 200_000 + b",x\n"
    told.share_by_command(told.write("known.csv", content), "campaign/known")
    told.share("campaign/known", "people/canaries", "email-sha256")
    told.share("campaign/known", "files/back.csv", "email")
    name = "S3_1001_3000_full_1767225600000.sync"
    lines = "".join(f"{visitor}\t99\n" for visitor in visitors) + f"{CANARY}\n\t99\n{CANARY}\t{CANARY}\n"
    (systems.directory / "sandbox" / "importSharedAudience" / name).write_text(lines, encoding="utf-8")
    told.share("people/canaries", "campaign/visitors", "canaries")
    told.share("files/known.csv", "by-token/by-token")
    told.cli("identities", "reconcile", *emails[:3], CANARY, "--connection", "campaign", "--data-source", "email")


def tell_of_files(told: Story) -> None:
    text = f"{CANARY}@example.org,{CANARY}\n".encode() * 1000
    for name in ("row-for-header.csv", "no-gzip.csv.gz", "no-parquet.parquet"):
        told.share(told.write(name, text), f"campaign/{name}")
    told.share(told.write("cut.csv.gz", gzip.compress(b"personalEmail_address\n" + text)[:-4]), "campaign/cut.csv.gz")
    sink = io.BytesIO()
    pq.write_table(pa.table({"personalEmail_address": pa.array([CANARY.encode()])}), sink)
    told.share(told.write("bytes.parquet", sink.getvalue()), "campaign/bytes.parquet")


def tell_of_access(told: Story) -> None:
    for connection in ("by-wrong-password", "by-wrong-secret"):
        told.share("files/known.csv", f"{connection}/never")
        told.cli("connections", "check", connection)


def tell_of_answers(told: Story) -> None:
    envelope = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>{}</e:Body></e:Envelope>"
    fault = "<e:Fault><faultcode>e:Server</faultcode><faultstring>{}</faultstring><detail>{}</detail></e:Fault>"
    personal = f"Key (semail)=({CANARY}) for '{CANARY}', &quot;{CANARY}&quot; and {CANARY}-1@example.org of {CANARY}."
    row = f"<recipient id='{CANARY}' email='{CANARY}'><{CANARY}/></recipient>"
    answers = {
        "fault": (
            b"ExecuteQuery",
            500,
            envelope.format(fault.format("SOP-330011 " + personal, "XTK-170036 " + personal)),
        ),
        "strange": (b"ExecuteQuery", 200, envelope.format(f"<{CANARY}>{CANARY}</{CANARY}>")),
        "strange-rows": (
            b"ExecuteQuery",
            200,
            envelope.format(f"<ExecuteQueryResponse><pdomOutput><x>{row}</x></pdomOutput></ExecuteQueryResponse>"),
        ),
        "cut": (b"ExecuteQuery", 200, f"<Envelope><Body>{CANARY}"),
        "page": (b"ExecuteQuery", 200, f"<html>{CANARY}</html>"),
        "failing": (b"ExecuteQuery", 500, f"<html>{CANARY}</html>"),
        "refusing": (b"rcpGrpRel-collection", 500, envelope.format(fault.format("PGS-220000 " + personal, personal))),
        "refusing-all": (b"rcpGrpRel-collection", 500, envelope.format(fault.format("XTK-170036 " + personal, ""))),
    }
    for name, (to, status, content) in answers.items():
        with told.answered(to, status, content.encode()):
            told.share("files/known.csv", f"campaign/{name}")


def tell_of_the_unexpected(told: Story) -> None:
    """A snapshot whose keys are no keys: the error's text quotes them."""
    told.share("files/known.csv", "files/kept.csv")
    for snapshot in told.kept("state/snapshots"):
        length = pq.read_metadata(snapshot).num_rows
        pq.write_table(pa.table({"target": [CANARY] * length, "target_key": [CANARY] * length}), snapshot)
    told.share_by_command("files/known.csv", "files/kept.csv")


def look_at_all(told: Story) -> None:
    newest, *_, oldest = json.loads(told.cli("transfers", "list", "--json").stdout)
    told.cli("transfers", "show", newest["name"])
    told.cli("transfers", "receipt", oldest["name"], "--json")
    told.cli("transfers", "outcomes", oldest["name"])


def found(needles: set[str], text: str) -> set[str]:
    return {needle for needle in needles if needle in text}


def cells(database: Path) -> Iterator[str]:
    """All that any table of a database holds."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # a name of the database itself
                yield from (cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell) for cell in row)


FAILURES = {
    "campaign/row-for-header.csv": "found: what looks like a row (not shown)",
    "campaign/no-gzip.csv.gz": "the file is no gzip",
    "campaign/no-parquet.parquet": "the file is not valid Parquet",
    "campaign/cut.csv.gz": "ends too early",
    "campaign/bytes.parquet": "holds binary",
    "by-wrong-password/never": "refused user and password",
    "by-wrong-secret/never": "refused the client secret",
    "campaign/fault": "XTK-170036",
    "campaign/strange": "Campaign",
    "campaign/strange-rows": "something else than `group`",
    "campaign/cut": "not SOAP",
    "campaign/page": "not SOAP",
    "campaign/failing": "HTTP 500",
    "campaign/refusing-all": "XTK-170036",
    "files/kept.csv": "unexpected error, incident",
}


def test_shares_fail_where_they_must_and_nowhere_else(story):
    failures = {destination: text for destination, text in story.failures.items() if text}
    assert set(failures) == set(FAILURES)
    assert not [destination for destination, text in FAILURES.items() if text not in failures[destination]]


def test_canaries_were_where_they_could_leave(story):
    extracted = [path for path in story.kept("state/transfers") if path.parent.name == "extract"]
    read = {str(value) for path in extracted for value in pq.read_table(path).column("id").to_pylist()}
    assert len(story.personal & read) > 200
    assert len(story.middle.tokens) >= 2
    assert story.gateway.log.count('"unexpected error"') == 1


def test_commands_and_answers_say_nothing_of_them(story):
    assert "refused_by_destination" in story.printed
    assert found(story.personal | story.secret, story.printed) == set()


def test_the_log_says_nothing_of_them(story):
    assert found(story.personal | story.secret, story.gateway.log) == set()


def test_the_database_holds_none_of_them(story):
    (database,) = (story.gateway.state / "state").glob("*.db")
    text = "\n".join(cells(database))
    assert "known.csv" in text
    assert found(story.personal | story.secret, text) == set()


def test_files_but_parquet_hold_none_of_them(story):
    files = [path for path in story.kept("state") if path.suffix != ".parquet"]
    assert any(path.name == "gateway.db" for path in files)
    for path in files:
        assert found(story.personal | story.secret, path.read_bytes().decode(errors="replace")) == set(), path
        assert found(story.personal | story.secret, str(path.relative_to(story.gateway.state))) == set()


def test_parquet_files_hold_no_secret_and_outcomes_no_id(story):
    for path in story.kept("state"):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            text = f"{table.to_pydict()} {table.schema.metadata}"
            assert found(story.secret, text) == set(), path
            assert path.name != "outcomes.parquet" or found(story.personal, text) == set()
