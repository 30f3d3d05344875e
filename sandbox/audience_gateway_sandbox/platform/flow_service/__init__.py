"""The flow service: connections, flows and their runs (rtcdp 6.8)."""
