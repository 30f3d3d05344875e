"""Who is in a segment: the rules of segments over the profiles that merge rules put together (audience-manager 7)."""
