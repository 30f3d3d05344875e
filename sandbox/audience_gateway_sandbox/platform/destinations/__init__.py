"""Destinations: files in buckets, on the virtual clock or on demand, and pushes by HTTP (rtcdp 4, 6)."""
