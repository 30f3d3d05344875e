"""Data collection servers: events, ID service, opt-out (audience-manager 6, people-and-ids 3)."""
