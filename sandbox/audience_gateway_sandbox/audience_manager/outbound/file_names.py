"""Names of outbound files by their template (audience-manager 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audience_gateway_sandbox.audience_manager.outbound.template import Template, TemplateError, Values

DEFAULT_NAME = "<SYNC_TYPE>_<ORDER_ID>_<MASTER_DPID>_<SYNC_MODE>_<TIMESTAMP><SPLITNUM>.sync.gz"
MACROS = (
    "SYNC_TYPE", "ORDER_ID", "DPID", "MASTER_DPID", "PIDALIAS", "PID_ALIAS", "SYNC_MODE", "TIMESTAMP", "SPLITNUM",
)  # fmt: skip
_EPOCH = datetime.fromtimestamp(0, UTC)
_DIGITS = {10: timedelta(seconds=1), 13: timedelta(milliseconds=1)}
_JAVA_FORMAT = {"YYYY": "%Y", "yyyy": "%Y", "MM": "%m", "DD": "%d", "dd": "%d", "hh": "%H", "HH": "%H", "mm": "%M",
                "ss": "%S"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What the files of one transfer are named after.

    Attributes:
        sync_type: `s3`, `ftp` or `http`.
        destination_id: the destination, also called order.
        data_source_id: whose data they are (DPID).
        master_id: data source of the ids (MASTER_DPID).
        alias: name of the destination; may be empty.
        mode: `full` or `iter`.
        made: when.
        digits: of the time, 10 for seconds or 13 for milliseconds.
    """

    sync_type: str = "s3"
    destination_id: int
    data_source_id: int
    master_id: int
    alias: str = ""
    mode: str
    made: datetime
    digits: int = 13

    def values(self, part: int) -> Values:
        """Tell what the macros of the name of a part stand for; the first one is 0 and bears no number."""
        return Values(
            {
                "SYNC_TYPE": self.sync_type,
                "ORDER_ID": str(self.destination_id),
                "DPID": str(self.data_source_id),
                "MASTER_DPID": str(self.master_id),
                "PIDALIAS": self.alias,
                "PID_ALIAS": self.alias,
                "SYNC_MODE": self.mode,
                "TIMESTAMP": self._timestamp,
                "SPLITNUM": f"{part:03d}" if part else "",
            }
        )

    def _timestamp(self, form: str) -> str:
        if not form:
            return f"{(self.made - _EPOCH) // _DIGITS[self.digits]:0{self.digits}d}"
        for java, python in _JAVA_FORMAT.items():
            form = form.replace(java, python)
        return self.made.strftime(form)


@dataclass(frozen=True, slots=True)
class FileNames:
    """The names of one destination's files.

    Attributes:
        template: of data files.
        root: of what the files of a transfer share.
    """

    template: Template
    root: Template

    @classmethod
    def of(cls, text: str) -> FileNames:
        """Read a template. Raises TemplateError if it cannot be read, or if two files would have one name."""
        if "<TIMESTAMP" not in text or "<SPLITNUM>" not in text:
            raise TemplateError("a name needs <TIMESTAMP> and <SPLITNUM>, as others would overwrite it")
        return cls(Template(text, MACROS), Template(text[: text.index("<SPLITNUM>")], MACROS))

    def data_file(self, transfer: Transfer, part: int = 0) -> str:
        """Name a data file."""
        return self.template.fill(transfer.values(part))

    def root_of(self, transfer: Transfer) -> str:
        """Name what all files of a transfer share."""
        return self.root.fill(transfer.values(0))

    def control_file(self, transfer: Transfer) -> str:
        """Name the transfer-control file."""
        return f"{self.root_of(transfer)}.info"
