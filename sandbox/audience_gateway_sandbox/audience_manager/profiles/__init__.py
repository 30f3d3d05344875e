"""Profiles: the ids of people and devices, how they belong together, and which traits they have."""
