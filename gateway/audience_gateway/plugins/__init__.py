"""Plugins: finding them, loading them, and making connections of what they register."""
