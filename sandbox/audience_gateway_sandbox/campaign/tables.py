"""Campaign's tables, in the words of SQLite; PostgreSQL's are made of them."""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS recipient (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL DEFAULT '',
    firstName TEXT, lastName TEXT, middleName TEXT, salutation TEXT,
    mobilePhone TEXT, phone TEXT, fax TEXT,
    city TEXT, zipCode TEXT, stateCode TEXT, countryCode TEXT,
    birthDate TEXT, gender INTEGER, language TEXT, emailFormat INTEGER,
    blackList INTEGER NOT NULL DEFAULT 0,
    blackListEmail INTEGER, blackListMobile INTEGER, blackListPhone INTEGER, blackListFax INTEGER,
    blackListPostalMail INTEGER,
    folder_id INTEGER, created TEXT, lastModified TEXT
);
CREATE INDEX IF NOT EXISTS recipient_email ON recipient (email);

CREATE TABLE IF NOT EXISTS tracking_log (
    id INTEGER PRIMARY KEY,
    source_id TEXT NOT NULL DEFAULT '',
    recipient_id INTEGER NOT NULL DEFAULT 0,
    log_date TEXT
);
CREATE INDEX IF NOT EXISTS tracking_log_source ON tracking_log (source_id);
CREATE INDEX IF NOT EXISTS tracking_log_recipient ON tracking_log (recipient_id);

CREATE TABLE IF NOT EXISTS list_group (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT, type INTEGER NOT NULL DEFAULT 0, folder_id INTEGER, created TEXT, lastModified TEXT,
    shared_audience_id INTEGER NOT NULL DEFAULT 0, data_source_id INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS membership (
    group_id INTEGER NOT NULL,
    recipient_id INTEGER NOT NULL,
    PRIMARY KEY (group_id, recipient_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS membership_recipient ON membership (recipient_id);

CREATE TABLE IF NOT EXISTS folder (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT
);

CREATE TABLE IF NOT EXISTS ext_account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT, type INTEGER NOT NULL DEFAULT 0, active INTEGER NOT NULL DEFAULT 1,
    account TEXT, server TEXT, port INTEGER, awsKey TEXT, awsRegion TEXT, useServerSideEncryption INTEGER,
    imsServer TEXT, imsOrgId TEXT, clientId TEXT, productContext TEXT, callbackServer TEXT, imsRightsMask TEXT,
    tenant TEXT, userScope TEXT, azureTenant TEXT, encryptionType INTEGER
);

CREATE TABLE IF NOT EXISTS option (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL DEFAULT '',
    type INTEGER NOT NULL DEFAULT 6
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS data_source (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT, targetingDimension TEXT, reconciliationKey TEXT,
    aamDataSourceId INTEGER NOT NULL DEFAULT 0, aamDestinationId INTEGER NOT NULL DEFAULT 0,
    hashAlgorithm TEXT NOT NULL DEFAULT 'none'
);

CREATE TABLE IF NOT EXISTS workflow (
    id INTEGER PRIMARY KEY,
    internalName TEXT NOT NULL UNIQUE,
    label TEXT, state INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS workflow_event (
    id INTEGER PRIMARY KEY,
    workflow_id INTEGER NOT NULL,
    activity TEXT NOT NULL, variables TEXT NOT NULL, posted TEXT
);

CREATE TABLE IF NOT EXISTS workflow_log (
    id INTEGER PRIMARY KEY,
    workflow_id INTEGER NOT NULL,
    log_date TEXT, log_type INTEGER NOT NULL DEFAULT 0, message TEXT
);

CREATE TABLE IF NOT EXISTS rt_event (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL, email TEXT, origin TEXT, wishedChannel TEXT, externalId TEXT, mobilePhone TEXT,
    emailFormat TEXT, scheduled TEXT, context TEXT, created TEXT
);

CREATE TABLE IF NOT EXISTS batch_event (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL, email TEXT, origin TEXT, wishedChannel TEXT, externalId TEXT, mobilePhone TEXT,
    emailFormat TEXT, scheduled TEXT, context TEXT, created TEXT
);

CREATE TABLE IF NOT EXISTS shared_sync (
    group_id INTEGER PRIMARY KEY,
    looked_at INTEGER NOT NULL, made INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS shared_export (
    aam_source_id INTEGER NOT NULL, audience_id INTEGER NOT NULL, member TEXT NOT NULL,
    PRIMARY KEY (aam_source_id, audience_id, member)
) WITHOUT ROWID;
"""
