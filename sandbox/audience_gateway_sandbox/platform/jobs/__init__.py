"""Jobs: evaluations by demand and schedule, exports into datasets, and where their files are read (rtcdp 1.5, 1.6)."""
