"""What is read of lists beyond what Adobe documents (campaign 1.4, 3.8)."""

from __future__ import annotations

from typing import Annotated

from audience_gateway.sdk import Settings
from pydantic import Field, StringConstraints

Expression = Annotated[str, StringConstraints(pattern=r"^(@[A-Za-z]\w*|\[([A-Za-z][\w-]*/)*@[A-Za-z][\w-]*\])?$")]


class CatalogueSettings(Settings):
    """Expressions on a list, `nms:group`. What binds a list to a shared audience is documented only as a form."""

    folder: Expression = Field("[folder/@label]", description="Label of a list's folder; empty to leave it out.")
    shared_audience: Expression = Field("@sharedAudienceId", description="Id of the shared audience; likewise.")
    data_source: Expression = Field("[amcDataSource/@name]", description="Name of its AMC data source; likewise.")

    @property
    def attributes(self) -> tuple[str, ...]:
        """All that are set."""
        return tuple(filter(None, (self.folder, self.shared_audience, self.data_source)))
