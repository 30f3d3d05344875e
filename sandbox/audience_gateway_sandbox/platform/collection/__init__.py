"""Streaming collection: records that callers send message by message (rtcdp 5)."""
