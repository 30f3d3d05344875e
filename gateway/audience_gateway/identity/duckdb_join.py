"""The join by DuckDB, within the gateway's process and memory limit."""

from __future__ import annotations

from pathlib import Path

from audience_gateway.identity import index
from audience_gateway.identity.candidates import find_candidates
from audience_gateway.identity.joining import ASKED, BARRED, Question
from audience_gateway.storage.relations import Relations, Session, files


class DuckDBJoin:
    """Finds the records that ids stand for, by queries.

    Args:
        relations: opens sessions for the queries.
    """

    def __init__(self, relations: Relations) -> None:
        self._relations = relations

    def find(self, question: Question, found: Path, missed: Path) -> None:
        """As `Join` says."""
        if found.exists() and missed.exists():
            return
        with self._relations.session() as session:
            session.view("first", files([question.asked], ASKED))
            entries = files(question.entries, index.COLUMNS)
            session.view(
                "entry", f"{_opt_outs(session, question)} FROM ({entries}) WHERE {question.partition.holds('key')}"
            )
            find_candidates(session, question.policy, question.oldest, question.too_many_people)
            session.publish("SELECT row, key, target FROM eligible", found)
            session.publish("FROM missed", missed)


def _opt_outs(session: Session, question: Question) -> str:
    if not question.barred.exists():
        return "SELECT *"
    session.table("barred", files([question.barred], BARRED))
    return "SELECT * REPLACE (opted_out OR target IN (FROM barred) AS opted_out)"
