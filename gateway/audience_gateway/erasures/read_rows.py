"""Which rows that transfers have read are of erased ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway.erasures.own_files import OwnFiles
from audience_gateway.identity.connections import Connections
from audience_gateway.identity.keys import make_keys
from audience_gateway.identity.normalisation import normalise
from audience_gateway.storage.relations import Session, literal
from audience_gateway.transfers.chunk_files import ChunkFile
from audience_gateway.transfers.columns import further_id_names
from audience_gateway.transfers.model import ErasedRef, Transfer, UndoneRef
from audience_gateway.transfers.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ReadRows:
    """Empties them.

    Attributes:
        files: where they are.
        connections: the data sources of the ids.
    """

    files: OwnFiles
    connections: Connections

    def clear(self, session: Session, transfers: Iterable[Transfer]) -> None:
        """Empties, in the files of transfers that have ended, the rows of erased ids."""
        for number, transfer in enumerate(transfers):
            workspace = Workspace(self.files.state / "transfers" / transfer.id)
            for chunk, path in enumerate(workspace.chunks("extract")):
                name = f"rows_{number}_{chunk}"
                if self._name(session, transfer, path, name):
                    self.files.empty_rows(session, path, f"row IN (FROM {name})")

    def _name(self, session: Session, transfer: Transfer, path: Path, name: str) -> bool:
        """Names the rows of a chunk that are to be emptied; False if there are none."""
        match transfer.request.source:
            case ErasedRef():
                return False  # these are keys, and go with the erasure
            case UndoneRef():  # these are members as they were delivered
                session.view(f"{name}_read", f"SELECT row, id AS target FROM read_parquet({literal(str(path))})")
                session.table(name, f"SELECT row FROM {name}_read SEMI JOIN erased_member USING (target)")
            case _:
                self._normalise(session, transfer, path, f"{name}_read")
                session.table(name, f"SELECT row FROM {name}_read SEMI JOIN erased USING (key)")
        return bool(session.rows(f"SELECT count(*) FROM {name}")[0][0])

    def _normalise(self, session: Session, transfer: Transfer, path: Path, name: str) -> None:
        chunk = ChunkFile.read(path)
        sources = (transfer.request.data_source, *chunk.further)
        columns = ("id", *further_id_names(len(chunk.further)))
        rows = pq.read_table(path, columns=["row", *columns]).combine_chunks()
        keys = []
        for source, column in zip(map(self.connections.data_source, sources), columns, strict=True):
            ids = pa.concat_arrays([pa.array([], pa.string()), *rows.column(column).chunks])
            strategy = self.connections.reconciler(source.id_type)
            values = normalise(strategy, ids, source, encoded=chunk.encoded).values
            made = make_keys(values, source.id_type, source.name)
            session.arrow(f"{name}_{column}", pa.table({"row": rows.column("row"), "key": made}))
            keys.append(f"SELECT row, key FROM {name}_{column} WHERE key IS NOT NULL")
        session.view(name, " UNION ALL ".join(keys))
