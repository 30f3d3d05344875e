"""Visitor ID reconciliation strategy for audience-gateway."""
