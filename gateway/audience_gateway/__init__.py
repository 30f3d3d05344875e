"""The audience gateway: shares audiences between marketing systems and accounts for every row."""

__version__ = "0.1.0"
