"""CSV, TSV and Parquet files as audiences for audience-gateway."""
