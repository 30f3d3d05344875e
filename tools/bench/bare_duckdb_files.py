"""The comparison: the same lines written and read by one bare DuckDB statement each.

Splits nothing, checks nothing, repeats nothing, and knows no line that cannot be read.

usage: bare_duckdb_files.py (write | read) DIRECTORY ROWS; prints the seconds that it took, and the peak memory in MiB.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
from peak_memory import peak_rss_mib

_WRITE = """
COPY (
    SELECT lpad(hash(range)::VARCHAR, 20, '4') ||
        (100000000000000000 + range)::VARCHAR AS id, 'd_sid=24' AS item
    FROM range({rows})
) TO '{root}/bare/members.sync.gz' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', COMPRESSION gzip)
"""
_READ = """
SELECT id FROM read_csv('{root}/outbound/*.sync.gz', delim = '\t', header = false, quote = '',
    columns = {{'id': 'VARCHAR', 'segments': 'VARCHAR'}})
WHERE list_contains(string_split(segments, ','), '24')
"""


def main() -> None:
    """Writes or reads once."""
    task, root, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    connection = duckdb.connect(config={"threads": 2})
    began = time.perf_counter()
    if task == "write":
        connection.execute(_WRITE.format(root=root, rows=rows))
        done = rows
    else:
        reader = connection.execute(_READ.format(root=root)).to_arrow_reader(100_000)
        done = sum(batch.num_rows for batch in reader)
    seconds = time.perf_counter() - began
    if done != rows:
        raise SystemExit(f"of {rows} lines {done} were accounted for")
    print(seconds, peak_rss_mib())


if __name__ == "__main__":
    main()
