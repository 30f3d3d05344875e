"""Audience Manager: data sources, traits, segments, folders, destinations, and their rules (audience-manager)."""
