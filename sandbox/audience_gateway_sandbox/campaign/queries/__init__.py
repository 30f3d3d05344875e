"""`xtk:queryDef#ExecuteQuery`: a query document to SQL, its rows to a document (sandbox 3.7, campaign 3.6)."""

from audience_gateway_sandbox.campaign.queries.execution import execute_query

__all__ = ["execute_query"]
