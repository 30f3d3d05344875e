"""`Write` and `WriteCollection`: documents to rows, each call one transaction (sandbox 3.8, campaign 3.7)."""

from audience_gateway_sandbox.campaign.writing.writes import write, write_collection

__all__ = ["write", "write_collection"]
