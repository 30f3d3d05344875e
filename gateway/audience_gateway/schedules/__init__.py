"""Sharing audiences again and again: what is shared when, and what became of each run."""
