"""The platform's tables: documents of all services, and profiles with their identities, links and memberships."""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS document (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    space TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    version INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (space, kind, id)
);

CREATE TABLE IF NOT EXISTS profile (
    id INTEGER PRIMARY KEY,
    space TEXT NOT NULL,
    entity TEXT NOT NULL,
    identities INTEGER NOT NULL,
    opted_out INTEGER NOT NULL DEFAULT 0,
    modified INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS profile_space ON profile (space, id);

CREATE TABLE IF NOT EXISTS identity (
    space TEXT NOT NULL, namespace TEXT NOT NULL, value TEXT NOT NULL,
    profile INTEGER NOT NULL DEFAULT 0,
    seen INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'ambiguous',
    PRIMARY KEY (space, namespace, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identity_profile ON identity (profile);

CREATE TABLE IF NOT EXISTS link (
    space TEXT NOT NULL,
    namespace TEXT NOT NULL, value TEXT NOT NULL, other_namespace TEXT NOT NULL, other_value TEXT NOT NULL,
    established INTEGER NOT NULL, confirmed INTEGER NOT NULL,
    dataset TEXT NOT NULL, batch TEXT NOT NULL,
    PRIMARY KEY (space, namespace, value, other_namespace, other_value)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS fragment (
    space TEXT NOT NULL, namespace TEXT NOT NULL, value TEXT NOT NULL, dataset TEXT NOT NULL,
    body TEXT NOT NULL, updated INTEGER NOT NULL,
    PRIMARY KEY (space, namespace, value, dataset)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS event (
    space TEXT NOT NULL, id TEXT NOT NULL,
    namespace TEXT NOT NULL, value TEXT NOT NULL, dataset TEXT NOT NULL,
    happened TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (space, id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS membership (
    audience TEXT NOT NULL, profile INTEGER NOT NULL,
    status TEXT NOT NULL, qualified INTEGER NOT NULL, changed INTEGER NOT NULL, valid_until INTEGER,
    payload TEXT,
    PRIMARY KEY (audience, profile)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS membership_profile ON membership (profile);

CREATE TABLE IF NOT EXISTS push (
    id INTEGER PRIMARY KEY,
    flow TEXT NOT NULL, profile INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    UNIQUE (flow, profile)
);

CREATE TABLE IF NOT EXISTS agenda (
    space TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
    moment INTEGER NOT NULL,
    PRIMARY KEY (space, kind, reference)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agenda_moment ON agenda (moment);
"""
"""Links stand in both directions. Times are microseconds since the epoch; `membership.changed` tells when its status
last became another."""
