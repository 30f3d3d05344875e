"""The comparison: the job of a transfer from files to files as one bare DuckDB script, all in one go.

Reads the audience and the crosswalk, validates e-mails, finds duplicates, joins, compares with the last
membership, writes an outcome a row and the new membership. Resumes nothing, bounds no memory, checks no sum.

usage: bare_duckdb.py DIRECTORY AUDIENCE; prints the seconds that it took.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

QUERY = """
CREATE TEMP TABLE audience AS
    SELECT row_number() OVER () AS row, lower(trim(email)) AS id
    FROM read_csv('{root}/{audience}', header = true);
CREATE TEMP TABLE crosswalk AS
    SELECT lower(trim(email)) AS id, customer
    FROM read_csv('{root}/customers/crosswalk.csv', header = true, all_varchar = true);
CREATE TEMP TABLE matched AS
    SELECT row, audience.id, customer, regexp_full_match(audience.id, '[^@\\s]+@[^@\\s]+') AS valid,
        row_number() OVER (PARTITION BY audience.id ORDER BY row) AS occurrence
    FROM audience LEFT JOIN crosswalk USING (id);
CREATE TEMP TABLE members AS
    SELECT customer, min(row) AS row FROM matched
    WHERE valid AND occurrence = 1 AND customer IS NOT NULL GROUP BY customer;
COPY (
    SELECT matched.row, CASE WHEN NOT valid THEN 'rejected' WHEN occurrence > 1 THEN 'duplicate'
        WHEN matched.customer IS NULL THEN 'unmatched' WHEN members.row IS NULL THEN 'duplicate'
        WHEN last.customer IS NULL THEN 'delivered' ELSE 'unchanged' END AS outcome
    FROM matched LEFT JOIN members ON members.row = matched.row
        LEFT JOIN (SELECT NULL::VARCHAR AS customer WHERE false) AS last ON last.customer = matched.customer
) TO '{root}/bare-outcomes.parquet';
COPY (SELECT customer AS id FROM members) TO '{root}/bare-members.csv' (HEADER true);
"""


def main() -> None:
    """Runs the script on the files below the directory."""
    root = Path(sys.argv[1])
    started = time.perf_counter()
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(QUERY.format(root=root, audience=sys.argv[2]))
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
