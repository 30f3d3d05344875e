"""Rules in PQL, and their evaluation in the database (rtcdp 1, 11)."""
