"""`transfers outcomes --output`: all rows of a transfer with their outcome, in a file that is whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from audience_gateway.cli.client import Client
from audience_gateway.cli.errors import CommandError
from audience_gateway.cli.formulas import without_formulas
from audience_gateway.cli.patience import Patience
from audience_gateway.cli.tokens import Metadata
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.transfers.service import OUTCOME_ROWS, REVEALED_ROWS
from audience_gateway.v1 import transfer_service_pb2

Take = Callable[[pa.RecordBatch], None]


def write_outcomes(
    client: Client, request: transfer_service_pb2.ExportOutcomesRequest, path: Path, metadata: Metadata = ()
) -> int:
    """Writes the rows as Parquet or CSV, by the name of the file; answers how many. Raises CommandError."""
    try:
        with _writing(path, REVEALED_ROWS if request.reveal_ids else OUTCOME_ROWS) as take:
            return _export(client, request, take, metadata)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", "Name another file.") from None


def _export(client: Client, request: transfer_service_pb2.ExportOutcomesRequest, take: Take, metadata: Metadata) -> int:
    patience = Patience()
    rows = 0
    while True:
        try:
            for response in client.transfers.ExportOutcomes(request, metadata=metadata):
                patience.heard()
                with pa.ipc.open_stream(response.arrow) as stream:
                    for batch in stream:
                        take(batch)
                        rows += batch.num_rows
                request.after_row = response.last_row
            return rows  # noqa: TRY300  # the stream has ended, and with it the rows
        except grpc.RpcError as error:
            patience.wait(error)


@contextmanager
def _writing(path: Path, schema: pa.Schema) -> Iterator[Take]:
    match path.suffix.lower():
        case ".parquet":
            with replacing(path) as temporary, pq.ParquetWriter(temporary, schema) as parquet:
                yield parquet.write_batch
        case ".csv":
            with replacing(path) as temporary, pc_csv.CSVWriter(temporary, schema) as csv:
                yield lambda batch: csv.write_batch(without_formulas(batch))
        case _:
            raise CommandError(f"{path}: its name tells no format", "Let it end on .parquet or .csv.")
