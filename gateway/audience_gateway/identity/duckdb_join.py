"""The join by DuckDB, within the gateway's process and memory limit."""

from __future__ import annotations

from pathlib import Path

from audience_gateway.identity import index
from audience_gateway.identity.candidates import find_candidates
from audience_gateway.identity.joining import BARRED, Question
from audience_gateway.storage.relations import Session, files


class DuckDBJoin:
    """Finds the records that ids stand for, by queries."""

    def find(self, session: Session, question: Question, found: Path, missed: Path) -> None:
        """As `Join` says."""
        if found.exists() and missed.exists():
            return
        entries = files(question.entries, index.COLUMNS)
        within = question.partition.holds("key")
        session.view("entry", f"{_opt_outs(session, question)} FROM ({entries}) WHERE {within}")
        find_candidates(session, question.policy, question.oldest, question.too_many_people)
        session.publish("SELECT row, key, target FROM eligible", found)
        session.publish("FROM missed", missed)


def _opt_outs(session: Session, question: Question) -> str:
    if not question.barred.exists():
        return "SELECT *"
    session.table("barred", files([question.barred], BARRED))
    return "SELECT * REPLACE (opted_out OR target IN (FROM barred) AS opted_out)"
