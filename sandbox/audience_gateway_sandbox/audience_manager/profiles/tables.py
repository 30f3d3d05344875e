"""The tables of profiles, their links and their traits. Times are milliseconds since 1970."""

TABLES = """
CREATE TABLE IF NOT EXISTS profile (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    value TEXT NOT NULL,
    ecid TEXT,
    region INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    opted_out INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, value)
);
CREATE UNIQUE INDEX IF NOT EXISTS profile_ecid ON profile (ecid) WHERE ecid IS NOT NULL;

CREATE TABLE IF NOT EXISTS link (
    device INTEGER NOT NULL,
    other INTEGER NOT NULL,
    source INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    authenticated INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, other)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_other ON link (other, seen);
CREATE INDEX IF NOT EXISTS link_source ON link (source, device);

CREATE TABLE IF NOT EXISTS qualification (
    profile INTEGER NOT NULL,
    trait INTEGER NOT NULL,
    source INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (profile, trait)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS qualification_trait ON qualification (trait, profile);

CREATE TABLE IF NOT EXISTS realization (
    profile INTEGER NOT NULL,
    trait INTEGER NOT NULL,
    day INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (profile, trait, day)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS privacy_job (id TEXT PRIMARY KEY, told TEXT NOT NULL);

CREATE TRIGGER IF NOT EXISTS qualification_ends AFTER DELETE ON qualification BEGIN
    DELETE FROM realization WHERE profile = OLD.profile AND trait = OLD.trait;
END;
CREATE TRIGGER IF NOT EXISTS profile_ends AFTER DELETE ON profile BEGIN
    DELETE FROM qualification WHERE profile = OLD.id;
    DELETE FROM link WHERE device = OLD.id;
    DELETE FROM link WHERE other = OLD.id;
END;
"""
"""`profile`: one id of one data source. Devices have source 0, the device id as value, and their `ecid`; `seen` is when
they were last active, `opted_out` when they opted out (0: never). `link`: a device, or a customer for hashed e-mails,
and another id of the same person or browser; `source` is that of the other. `qualification`: that a profile has a trait
of a data source. `realization`: how often on which day, for rules that count. `privacy_job`: what became of one."""
