"""The expression language of queries: text to tokens, tokens to a tree, the tree to parameterised SQL."""

from audience_gateway_sandbox.campaign.expressions.grammar import parse
from audience_gateway_sandbox.campaign.expressions.scope import Scope
from audience_gateway_sandbox.campaign.expressions.sql import Sql, condition_sql, joined, value_sql

__all__ = ["Scope", "Sql", "condition_sql", "joined", "parse", "value_sql"]
