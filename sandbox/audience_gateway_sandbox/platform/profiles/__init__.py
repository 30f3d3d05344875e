"""Profiles: records taken in, merged along graphs, their memberships, and their lookup (rtcdp 3, 7)."""
