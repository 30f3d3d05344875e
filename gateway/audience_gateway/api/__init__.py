"""One thin servicer a service: decode, call the core, encode."""
