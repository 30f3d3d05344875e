"""Lines of outbound files by their template (audience-manager 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from audience_gateway_sandbox.audience_manager.outbound.template import Item, Template, TemplateError, Text, Values

TEXTS = (
    "UUID", "MCID", "DP_UUID", "DPUUIDS", "PID", "PIDALIAS", "ORDER_ID", "DPID", "SYNC_MODE", "SYNC_TYPE", "OPT_OUT",
)  # fmt: skip
LISTS = ("SEGMENT_LIST", "REMOVED_SEGMENT_LIST", "TRAIT_LIST", "DP_UUID_LIST")
DEFAULT_LINE = (
    '<DP_UUID><TAB><SEGMENT_LIST; separator=","><if(REMOVED_SEGMENT_LIST)> <REMOVED_SEGMENT_LIST; separator=","><endif>'
)
_FORMAT = re.compile(r"dpids=(?P<sources>[0-9]+(?:,[0-9]+)*)\|maxMappings=(?P<most>[0-9]+)\|format=json")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Whom one line tells of.

    Attributes:
        dp_uuid: the id in the destination's data source.
        uuid: Audience Manager's id of the device; empty for a customer without one.
        ecid: its Experience Cloud ID.
        ids: other ids by their data source, the newest first.
        segments: those that the user is in.
        removed: those that the user is not in any more.
        traits: those that the user has.
    """

    dp_uuid: str
    uuid: str = ""
    ecid: str = ""
    ids: Mapping[int, Sequence[str]] = field(default_factory=dict)
    segments: Sequence[Item] = ()
    removed: Sequence[Item] = ()
    traits: Sequence[Item] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one transfer.

    Attributes:
        template: of a line.
        constants: macros that stand for the same text in every line.
        master_id: data source of the ids.
    """

    template: Template
    constants: Mapping[str, str]
    master_id: int

    @staticmethod
    def read(text: str) -> Template:
        """Read a template. Raises TemplateError if it cannot be read."""
        if "\n" in text or "<NEW_LINE>" in text:
            raise TemplateError("a line is one line")
        return Template(text, TEXTS, LISTS)

    def line(self, user: User) -> str:
        """Write the line of a user, without what ends it."""
        texts: dict[str, Text] = {
            **self.constants,
            "OPT_OUT": "0",
            "UUID": user.uuid,
            "MCID": user.ecid,
            "DP_UUID": user.dp_uuid,
            "DPUUIDS": lambda form: mappings(user.ids, form),
        }
        own: list[Item] = [{"sid": id_} for id_ in user.ids.get(self.master_id, ())]
        lists = {
            "SEGMENT_LIST": user.segments,
            "REMOVED_SEGMENT_LIST": user.removed,
            "TRAIT_LIST": user.traits,
            "DP_UUID_LIST": own,
        }
        return self.template.fill(Values(texts, lists))


def mappings(ids: Mapping[int, Sequence[str]], form: str) -> str:
    """Write `DPUUIDS`: pairs of data source and id, the newest first, at most so many of each. 0 is all."""
    match = _FORMAT.fullmatch(form)
    if match is None:
        raise TemplateError('DPUUIDS needs a format such as "dpids=1111,2222|maxMappings=1|format=json"')
    most = int(match["most"]) or None
    pairs = [[source, id_] for source in match["sources"].split(",") for id_ in ids.get(int(source), ())[:most]]
    return json.dumps(pairs, separators=(",", ":"))
