"""Where a transfer keeps its files. Names are the same in every run of a step, so that a repeat overwrites."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

_OF_A_COMPARISON = ("compared", "leavers", "departing", "staying")
_HELD = "held.parquet"
_INTERMEDIATE = (
    "ranked",
    "known",
    "normalised",
    "index",
    "found",
    "shared",
    "lost",
    "decided",
    "unknown",
    "intended",
    "created",
    "members",
    "refused",
    "withdrawn",
    "scratch",
)
"""Directories that only a transfer under way needs."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The directory of one transfer.

    Files and their columns:
        extract/NNNNN.parquet: row, id, opted_out, defect, leaves in chunks in which somebody does, and attribute_0,
            attribute_1 ... where the transfer has attributes, and id_1, id_2 ... where it has further data sources;
            footer: `encoded`, `resume_token`, `last`, `attributes`, `further`.
        ranked/NNNNN.parquet: row, rank, key, opted_out, reason; a line for each id of a row, where it has several.
        sources/NNNNN.parquet: row, source; the data source that the row went by, where there are several.
        normalised/NNNNN.parquet: row, key, value, opted_out, reason.
        index/0/chunks/NNNNN.parquet: key, target, last_seen, opted_out, of which only target where the record's entries
            of before do not count any more; footer: `resume_token`, `last`. Gone once `index/0/version/` is there: the
            version of the identity index that the transfer goes by. Those of further data sources are index/1 and on.
        index/0/parts/BITS-NN.parquet: the entries of a partition of keys that several layers of that version have.
        known/PP.parquet: key; the keys of a partition that any of these indexes has, where rows have several ids.
        found/PP.parquet: row, key, target; the records of the ids of a partition.
        shared/*/shares/SS/*.parquet: what was found, and the snapshot, split by shares where these are many.
        lost/SS.parquet: row; once for each record that another row claims.
        decided/*.parquet: row, reason; rows whose outcome does not depend on the destination's answer.
        unknown/00000.parquet: number, row, key; of these, rows whose ids are to get records that are created.
        intended/NNNNN.parquet: row, reason; a chunk of them, as they were found right before records were created.
        created/NNNNN.parquet: row, target, reason; the same chunk, with what has come of it.
        members/*.parquet: row, target, target_key; each target once, claimed by the earliest row, or the last of
            changes. Not where the index has each record once: what was found are the members then.
        compared/SS.parquet: position, row, target, target_key; the members, with a position where the snapshot lacks
            them. Where all of them are new, compared/all.parquet is all that there is to tell of them (`all_new`).
        leavers/SS.parquet: position, target, target_key; members of the snapshot that the source lacks. Both also have
            `attributes`, a digest of them, where the transfer has any.
        departing/SS.parquet: row, position, target; members whose rows say that they are to leave, with the position of
            the leaver. Only where rows say so, as the next one.
        staying/SS.parquet: target, target_key, attributes, certain; members of the snapshot that no row names.
        suppressed_records.parquet: target; the records that any of these keys leads to.
        suppressed.parquet: key, reason, detail; footer: `seen`, which files of the suppression list were looked at.
        withdrawn/{add,replace}-NNNNN.parquet: target, reason, detail, arrived.
        refused/{add,remove}-NNNNN.parquet: target, code, detail.
        outcomes.parquet: row, outcome, reason, detail; every row of the source once.
        delta.parquet: target, target_key, added, opted_out; the members that the transfer added or removed;
            footer: `snapshot_key`, `undoes`, `attributes`. Not where it changed nothing.
        undone.parquet: the delta.parquet of the transfer that this one takes back, with a row for each.
        held.parquet: as outcomes.parquet, while the transfer is withheld: how its rows would end.
        receipt.json: the canonical receipt.

    Where the destination of a transfer has changed while it was withheld, it is compared anew: what that leaves has a
    number in its name, e.g. compared-01/00.parquet.
    """

    root: Path
    comparison: int = 0

    def compared_anew(self, number: int) -> Workspace:
        """The same with the files of another comparison, 0 for the first."""
        return replace(self, comparison=number)

    def chunk(self, stage: str, number: int) -> Path:
        """File of a chunk."""
        return self.root / stage / f"{number:05d}.parquet"

    def chunks(self, stage: str) -> list[Path]:
        """Files of all chunks of a stage, in order."""
        return sorted((self.root / stage).glob("[0-9]*.parquet"))

    def part(self, stage: str, name: str) -> Path:
        """File of a part of a stage."""
        return self._directory(stage) / f"{name}.parquet"

    def parts(self, stage: str) -> list[Path]:
        """Files of all parts of a stage."""
        return sorted(self._directory(stage).glob("*.parquet"))

    def shared(self, name: str) -> Path:
        """Directory of what is split by shares."""
        return self.root / "shared" / name

    def refused(self, change: str, number: int) -> Path:
        """File of the members of one delivered chunk that were refused."""
        return self.root / "refused" / f"{change}-{number:05d}.parquet"

    def withdrawn(self, change: str, number: int) -> Path:
        """File of the members of one chunk that were suppressed before they were sent."""
        return self.root / "withdrawn" / f"{change}-{number:05d}.parquet"

    def file(self, name: str) -> Path:
        """File of a whole stage."""
        if self.comparison and name == _HELD:
            return self.root / name.replace(".", f"-{self.comparison:02d}.")
        return self.root / name

    def _directory(self, stage: str) -> Path:
        again = f"-{self.comparison:02d}" if self.comparison and stage in _OF_A_COMPARISON else ""
        return self.root / f"{stage}{again}"

    @property
    def scratch(self) -> Path:
        """Where a query spills."""
        return self.root / "scratch"

    def forget_intermediates(self) -> None:
        """Drops what only a transfer under way needs; extract, outcomes, delta and receipt stay."""
        for stage in (*_INTERMEDIATE, *_OF_A_COMPARISON):
            for directory in (self.root / stage, *self.root.glob(f"{stage}-*")):
                shutil.rmtree(directory, ignore_errors=True)
        for name in ("suppressed.parquet", "suppressed_records.parquet", "undone.parquet", _HELD):
            for path in (self.root / name, *self.root.glob(name.replace(".", "-*."))):
                path.unlink(missing_ok=True)
