"""Id types and data sources: keys, normalisation, the identity index, and from ids to records."""
