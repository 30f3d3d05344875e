"""What was pushed where nobody can push."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from audience_gateway.sdk import PushedPage, PushFate, PushHistory


class NothingPushed:
    """No pushes: an `sdk.PushedMembers` without any."""

    async def page(self, audience: str, id_kind: str, after: str | None, rows: int) -> PushedPage:  # noqa: ARG002  # the signature is the protocol's
        """An empty page."""
        nobody = pa.array([], pa.bool_())
        return PushedPage(pa.array([], pa.string()), nobody, nobody, after or "")

    async def history(self, audience: str) -> PushHistory | None:  # noqa: ARG002  # likewise
        """None."""
        return None

    async def counts(self) -> Mapping[PushFate, int]:
        """Nothing of any fate."""
        return dict.fromkeys(PushFate, 0)
