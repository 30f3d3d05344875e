"""Inbound files: their names and lines, their ingestion twice a day, and its account (audience-manager 3)."""
