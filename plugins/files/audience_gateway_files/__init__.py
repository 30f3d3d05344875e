"""CSV, TSV and Parquet files as audiences for audience-gateway."""

from audience_gateway_files.connector import FilesConnector
from audience_gateway_files.settings import FilesSettings

__all__ = ["FilesConnector", "FilesSettings"]
