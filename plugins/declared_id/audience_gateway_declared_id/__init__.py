"""Declared ID reconciliation strategy for audience-gateway."""
