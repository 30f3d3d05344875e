"""Files that Experience Platform's destinations drop: names, completeness, columns, members (rtcdp 6)."""
