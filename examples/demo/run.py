"""`make demo`: an audience travels from the People core service into a Campaign list and back.

Starts a sandbox of the Adobe systems and a gateway, makes five shares, prints their receipts, keeps them below
build/demo/receipts, and ends with 1 if any count is not what the seed makes known beforehand.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import expectations
from expectations import Expectation
from processes import COMMAND, started
from rich.console import Console

_HERE = Path(__file__).parent
_BUILD = _HERE.parents[1] / "build" / "demo"
_DAY_SECONDS = 24 * 60 * 60


class Story:
    """The five shares, and what was found wrong with them."""

    def __init__(self, directory: Path, address: str, sandbox: Mapping[str, Any]) -> None:
        self._directory = directory
        self._address = address
        self._sandbox = sandbox
        self._console = Console()
        self.complaints: list[str] = []

    def tell(self) -> None:
        """Makes the five shares."""
        first, second = self._get("/sandbox/facts")["days"][:2]
        self._chapter("a", "a People audience into a Campaign list, by Visitor ID")
        self._share("a", "people/gold", "campaign/gold", "visitor-id", expectations.of_facts(first))
        self._check_list("a", first)
        self._chapter("b", "that list back as a People audience, by Declared ID with SHA-256")
        self._share("b", "campaign/gold", "people/gold", "email-sha256", expectations.of_return(first))
        self._check_export()
        self._chapter("c", "the first share again, with nothing changed")
        self._share("c", "people/gold", "campaign/gold", "visitor-id", expectations.of_repeat(first))
        self._chapter("d", "the first share a day later, with leavers and joiners")
        self._post("/sandbox/clock", {"advance_seconds": _DAY_SECONDS})
        self._share("d", "people/gold", "campaign/gold", "visitor-id", expectations.of_facts(second))
        self._check_list("d", second)
        self._chapter("e", "a file of profiles into a Campaign list, by e-mail")
        self._share("e", "files/profiles.csv", "campaign/profiles", "email", expectations.PROFILES)

    def _chapter(self, letter: str, title: str) -> None:
        self._console.print(f"\n[bold]({letter}) {title}[/bold]")

    def _share(self, letter: str, source: str, destination: str, data_source: str, expected: Expectation) -> None:
        arguments = ["share", source, destination, "--data-source", data_source]
        self._console.print(f"$ audience-gateway {' '.join(arguments)}", highlight=False)
        self._command(*arguments)
        newest = json.loads(self._command("transfers", "list", "--json", capture=True))[0]["name"]
        receipt = json.loads(self._command("transfers", "receipt", newest, "--json", capture=True))["canonical_json"]
        (self._directory / "receipts" / f"{letter}.json").write_text(receipt + "\n", encoding="utf-8")
        self.complaints += [f"({letter}) {one}" for one in expected.complaints(json.loads(receipt))]

    def _check_list(self, letter: str, day: Mapping[str, Any]) -> None:
        with closing(self._database()) as database:
            found = expectations.members_hash(expectations.list_members(database, "gold"))
        if found != day["list_members_sha256"]:
            self.complaints.append(f"({letter}) the list does not hold the members that the seed says")

    def _check_export(self) -> None:
        exported = set()
        for file in _directory(self._sandbox["buckets"]["exportSharedAudience"]).rglob("ftp_dpm_38889_*"):
            lines = (
                (gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())
                .decode()
                .splitlines()
            )
            exported |= {line.partition("\t")[0] for line in lines if line.endswith("\td_sid=1024")}
        with closing(self._database()) as database:
            wanted = expectations.email_hashes(database, expectations.list_members(database, "gold"))
        if exported != wanted:
            self.complaints.append(f"(b) the bucket holds {len(exported)} hashes, of {len(wanted)} expected")

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._directory / 'sandbox' / 'campaign.sqlite'}?mode=ro", uri=True)

    def _command(self, *arguments: str, capture: bool = False) -> str:
        command = [str(COMMAND), "--address", self._address, *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE if capture else None, text=True)  # noqa: S603  # our own command
        return done.stdout if capture else ""

    def _get(self, path: str) -> Any:  # noqa: ANN401  # JSON
        with urllib.request.urlopen(f"{self._sandbox['admin']['url']}{path}") as answer:  # noqa: S310  # our own sandbox
            return json.load(answer)

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310  # our own sandbox
            f"{self._sandbox['admin']['url']}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # our own sandbox
            answer.read()


def main() -> None:
    """Tells the story."""
    arguments = _arguments()
    begun = time.monotonic()
    directory: Path = arguments.directory.absolute()
    _clear(directory)
    sandbox = ["sandbox", "--recipients", str(arguments.recipients), "--seed", str(arguments.seed), "--port", "0"]
    sandbox += ["--state", str(directory / "sandbox")]
    with started(sandbox, directory / "sandbox.json", directory / "sandbox.log") as systems:
        print(f"sandbox: {arguments.recipients:,} recipients, {systems['campaign']['url']}, {_since(begun)}")
        config = directory / "gateway.toml"
        config.write_text(settings(directory, systems), encoding="utf-8")
        password = {"CAMPAIGN_PASSWORD": systems["campaign"]["password"]}
        serve = ["serve", "--config", str(config)]
        with started(serve, directory / "gateway.json", directory / "gateway.log", password) as gateway:
            print(f"gateway: {gateway['address']}, {_since(begun)}")
            story = Story(directory, gateway["address"], systems)
            story.tell()
    for complaint in story.complaints:
        print(complaint, file=sys.stderr)
    off = len(story.complaints) or "no"
    print(f"\n{off} count(s) off; the receipts are in {arguments.directory / 'receipts'}; {_since(begun)} in all")
    raise SystemExit(1 if story.complaints else 0)


def settings(directory: Path, systems: Mapping[str, Any]) -> str:
    """The gateway's settings file, with the addresses of a sandbox."""
    template = (_HERE / "gateway.toml").read_text(encoding="utf-8")
    return template.format(
        state=directory / "state",
        lists=f"file://{directory / 'lists'}",
        import_bucket=systems["buckets"]["importSharedAudience"],
        export_bucket=systems["buckets"]["exportSharedAudience"],
        campaign_url=systems["campaign"]["url"],
        campaign_user=systems["campaign"]["user"],
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="An audience travels from People into a Campaign list and back.")
    parser.add_argument("--recipients", type=int, default=200_000, help="recipients that Campaign is seeded with")
    parser.add_argument("--seed", type=int, default=1, help="seed of everything that is made up")
    parser.add_argument("--directory", type=Path, default=_BUILD, help="directory of all files; it is emptied")
    return parser.parse_args()


def _clear(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "receipts").mkdir(parents=True)
    (directory / "lists").mkdir()
    shutil.copy(_HERE / "profiles.csv", directory / "lists")


def _since(begun: float) -> str:
    return f"{time.monotonic() - begun:.1f} s"


def _directory(url: str) -> Path:
    return Path(url.removeprefix("file://"))


if __name__ == "__main__":
    main()
