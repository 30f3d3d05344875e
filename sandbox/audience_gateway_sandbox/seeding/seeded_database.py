"""Opens Campaign's database with all its data in it, wherever it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg

from audience_gateway_sandbox.campaign.database import Database, open_database
from audience_gateway_sandbox.seeding.campaign_tables import fill_campaign
from audience_gateway_sandbox.seeding.population import Population
from audience_gateway_sandbox.seeding.seeded_file import seed_file
from audience_gateway_sandbox.state import StateError


def open_seeded(place: Path | str, population: Population) -> Database:
    """Open a SQLite file or a PostgreSQL database by its URL, and fill it if it is new.

    Raises StateError if the PostgreSQL database cannot be opened or holds other data.
    """
    return _open_file(place, population) if isinstance(place, Path) else _open_postgres(place, population)


def _open_file(file: Path, population: Population) -> Database:
    """Open a file, which is there under its name only once it holds all its data."""

    def fill(unfinished: Path) -> None:
        with closing(open_database(unfinished)) as database:
            fill_campaign(database, population)

    seed_file(file, fill)
    return open_database(file)


def _open_postgres(url: str, population: Population) -> Database:
    try:
        database = open_database(url)
    except psycopg.Error as error:
        # Its text may name the user: what kind of error it is has to do.
        raise StateError(f"The database cannot be opened ({type(error).__name__}): check --database.") from None
    (folders,) = database.execute("SELECT count(*) FROM folder").fetchone()
    if not folders:
        fill_campaign(database, population)
    (seeded,) = database.execute("SELECT count(*) FROM recipient WHERE id IN (?, ?)", _ends(population)).fetchone()
    if seeded != len(_ends(population)):
        database.close()
        raise StateError("The database of --database holds other data: name an empty one.")
    return database


def _ends(population: Population) -> tuple[int, int]:
    return population.recipients[0], population.recipients[-1]
