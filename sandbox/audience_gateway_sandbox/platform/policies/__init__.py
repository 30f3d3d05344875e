"""Labels of data, and policies of what may be done with it (rtcdp 8)."""
