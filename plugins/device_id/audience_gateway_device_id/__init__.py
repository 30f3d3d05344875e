"""Device ID reconciliation strategy for audience-gateway."""
