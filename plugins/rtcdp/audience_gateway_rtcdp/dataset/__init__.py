"""Members out of a dataset that an export job fills: another way than files of a destination (rtcdp 1.6)."""
