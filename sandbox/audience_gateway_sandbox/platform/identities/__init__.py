"""Identity namespaces and the identity graph (rtcdp 2)."""
