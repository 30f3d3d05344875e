"""The tables of inbound files and of what they change. Times are milliseconds since 1970."""

TABLES = """
CREATE TABLE IF NOT EXISTS inbound_file (
    id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    stage TEXT NOT NULL,
    source INTEGER NOT NULL DEFAULT 0,
    target INTEGER NOT NULL DEFAULT 0,
    replaces INTEGER NOT NULL DEFAULT 0,
    began INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    usable INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    finding TEXT NOT NULL DEFAULT '',
    report TEXT NOT NULL DEFAULT '{}',
    UNIQUE (bucket, key, version)
);
CREATE INDEX IF NOT EXISTS inbound_file_stage ON inbound_file (stage, usable);

CREATE TABLE IF NOT EXISTS inbound_user (
    file INTEGER NOT NULL,
    profile INTEGER NOT NULL,
    PRIMARY KEY (file, profile)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS inbound_change (
    file INTEGER NOT NULL,
    profile INTEGER NOT NULL,
    trait INTEGER NOT NULL,
    realized INTEGER NOT NULL,
    PRIMARY KEY (file, profile, trait)
) WITHOUT ROWID;
"""
"""`inbound_file`: each file that was looked at; `usable` is from when on its traits count, `removed` when it left the
bucket. `inbound_user` and `inbound_change`: what a processed file is going to change once it is usable."""
