"""Members that systems push: taken in by a listener, kept by id, and read by connectors like any other members."""
