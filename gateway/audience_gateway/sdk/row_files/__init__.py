"""Files of rows, delimited text and Parquet, read in columns: every row once, as it is or with its defect.

Several connectors read audiences from such files.
"""
