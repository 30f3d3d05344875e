"""External audiences, whose members come from files (rtcdp 1.7)."""
