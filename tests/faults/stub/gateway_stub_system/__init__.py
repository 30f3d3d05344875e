"""A connected system for tests: it keeps audiences, and misbehaves when it is told to."""
