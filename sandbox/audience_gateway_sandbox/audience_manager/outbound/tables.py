"""The tables of outbound transfers. Times are milliseconds since 1970."""

TABLES = """
CREATE TABLE IF NOT EXISTS outbound_push (
    id INTEGER PRIMARY KEY,
    destination INTEGER NOT NULL,
    source INTEGER NOT NULL,
    sync_type INTEGER NOT NULL,
    is_full INTEGER NOT NULL,
    received INTEGER NOT NULL,
    attempted INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    began INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    name TEXT NOT NULL,
    success INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS outbound_push_destination ON outbound_push (destination, began);

CREATE TABLE IF NOT EXISTS outbound_file (
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    due INTEGER NOT NULL,
    content BLOB,
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS outbound_member (
    destination INTEGER NOT NULL,
    value TEXT NOT NULL,
    segment INTEGER NOT NULL,
    PRIMARY KEY (destination, value, segment)
) WITHOUT ROWID;
"""
"""`outbound_push`: what was sent, for the history. `outbound_file`: files that are in a bucket since `due`, or, with
their content, will be from then on. `outbound_member`: whom a destination was told of last, and with which segments."""
