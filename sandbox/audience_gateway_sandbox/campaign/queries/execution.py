"""Runs query documents against the tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.campaign.elements import Element
from audience_gateway_sandbox.campaign.faults import MethodError
from audience_gateway_sandbox.campaign.queries.query import read_query
from audience_gateway_sandbox.campaign.queries.statement import QueryCompiler, Statement
from audience_gateway_sandbox.campaign.schema import Schema


def execute_query(document: Element, database: Database, schemas: Mapping[str, Schema], now: datetime) -> str:
    """Run a query and write its result as a document. Raises MethodError."""
    query = read_query(document)
    compiler = QueryCompiler(schemas, now)
    if query.operation == "count":
        return _run(compiler.count(query), database)
    root = query.schema.partition(":")[2]
    if query.operation == "select":
        return f"<{root}-collection>{_run(compiler.select(query, query.rows), database)}</{root}-collection>"
    found = _run(compiler.select(query, 1), database)
    if not found and query.operation == "get":
        raise MethodError(f"XTK-170037 There is no record of '{query.schema}' that meets the conditions.")
    return found or f"<{root}/>"


def _run(statement: Statement, database: Database) -> str:
    return statement.format.write(database.execute(statement.text, statement.parameters))
