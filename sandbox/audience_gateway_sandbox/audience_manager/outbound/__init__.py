"""Outbound files: whom each destination is told of, once a day (audience-manager 4)."""
