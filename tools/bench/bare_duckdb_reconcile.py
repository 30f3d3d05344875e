"""The comparison: the whole job of a transfer from compressed files to a file as one bare DuckDB script.

Reads audience and crosswalk, validates e-mails, finds duplicates, joins, compares with the last membership, writes an
outcome with its reason for each row, the members as a file to hand over, and the membership to compare with next time.
Resumes nothing, bounds no memory, checks no sum, and keeps no row as it was read.

usage: bare_duckdb_reconcile.py DIRECTORY AUDIENCE; prints the seconds that it took, and the peak memory in MiB.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
from peak_memory import peak_rss_mib

QUERY = """
CREATE TEMP TABLE audience AS
    SELECT row_number() OVER () AS row, lower(trim(email)) AS id
    FROM read_csv('{root}/lists/{audience}', header = true, all_varchar = true);
CREATE TEMP TABLE crosswalk AS
    SELECT lower(trim(email)) AS id, customer
    FROM read_csv('{root}/customers/crosswalk.csv.gz', header = true, all_varchar = true);
CREATE TEMP TABLE matched AS
    SELECT row, audience.id, customer, regexp_full_match(audience.id, '[^@\\s]+@[^@\\s]+') AS valid,
        row_number() OVER (PARTITION BY audience.id ORDER BY row) AS occurrence
    FROM audience LEFT JOIN crosswalk USING (id);
CREATE TEMP TABLE members AS
    SELECT customer, min(row) AS row FROM matched
    WHERE valid AND occurrence = 1 AND customer IS NOT NULL GROUP BY customer;
CREATE TEMP TABLE last AS {last};
COPY (
    SELECT matched.row, CASE WHEN NOT valid THEN 'rejected' WHEN occurrence > 1 THEN 'duplicate'
        WHEN matched.customer IS NULL THEN 'unmatched' WHEN members.row IS NULL THEN 'duplicate'
        WHEN last.customer IS NULL THEN 'delivered' ELSE 'unchanged' END AS outcome,
        CASE WHEN NOT valid THEN 'invalid_id' WHEN occurrence > 1 THEN 'same_id'
        WHEN matched.customer IS NULL THEN 'unknown_id' WHEN members.row IS NULL THEN 'same_target'
        WHEN last.customer IS NULL THEN 'added' ELSE 'already_member' END AS reason
    FROM matched LEFT JOIN members ON members.row = matched.row
        LEFT JOIN last ON last.customer = matched.customer
) TO '{root}/bare-outcomes.parquet';
COPY (
    SELECT customer, 'add' AS change FROM members ANTI JOIN last USING (customer)
    UNION ALL SELECT customer, 'remove' FROM last ANTI JOIN members USING (customer)
) TO '{root}/bare-changes.parquet';
COPY (SELECT customer FROM members) TO '{root}/bare-membership-of-{audience}.parquet';
COPY (SELECT customer FROM members) TO '{root}/bare-members.csv' (HEADER true);
"""


def main() -> None:
    """Runs the script on the files below the directory."""
    root, audience = Path(sys.argv[1]), sys.argv[2]
    membership = next(root.glob("bare-membership-of-*.parquet"), None)
    last = f"FROM '{membership}'" if membership else "SELECT NULL::VARCHAR AS customer WHERE false"
    began = time.perf_counter()
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(QUERY.format(root=root, audience=audience, last=last))
    print(time.perf_counter() - began, peak_rss_mib())


if __name__ == "__main__":
    main()
