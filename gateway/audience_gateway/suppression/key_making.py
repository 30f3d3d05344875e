"""From ids to the keys that transfers join by."""

from __future__ import annotations

import pyarrow as pa

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.keys import make_keys
from audience_gateway.identity.normalisation import normalise
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session
from audience_gateway.suppression.model import IdsOfPeople, Keys, RefusedId

_SCHEMA = pa.schema([pa.field("key", pa.string()), pa.field("data_source", pa.string())])


def keys_of(session: Session, connections: Connections, people: IdsOfPeople) -> Keys:
    """The keys of ids in each of their data sources; those that are valid in none or one of them are named.

    Raises ConfigError for a data source that is not configured.
    """
    ids = pa.array(people.ids, pa.string())
    tables, refused = [], []
    for number, name in enumerate(dict.fromkeys(people.data_sources)):
        source = connections.data_source(name)
        strategy = connections.reconciler(source.id_type)
        strategy.check(source)
        normalised = normalise(strategy, ids, source, encoded=people.encoded)
        refused += [
            RefusedId(index, name, Reason(reason))
            for index, reason in enumerate(normalised.reasons.to_pylist())
            if reason is not None
        ]
        made = make_keys(normalised.values, source.id_type, source.name)
        session.arrow(f"given_{number}", pa.table({"key": made}))
        found = session.read(f"SELECT DISTINCT CAST(key AS VARCHAR) AS key FROM given_{number} WHERE key IS NOT NULL")
        tables.append(pa.table([found.column("key"), pa.array([name] * found.num_rows, pa.string())], schema=_SCHEMA))
    return Keys(pa.concat_tables(tables), tuple(sorted(refused, key=lambda one: (one.index, one.data_source))))
