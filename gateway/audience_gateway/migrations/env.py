"""What alembic runs: the steps that are missing, within the transaction of whoever asked for them."""

from __future__ import annotations

from alembic import context

from audience_gateway.storage.schema import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
context.run_migrations()
