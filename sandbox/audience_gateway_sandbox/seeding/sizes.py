"""How many there are of each kind of recipient, Visitor ID and line, all told by the number of recipients."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST_RECIPIENTS = 100


@dataclass(frozen=True, slots=True)
class Sizes:
    """The kinds of recipients do not overlap; those of lines do not either.

    Args:
        recipients: all recipients. Raises ValueError for fewer than FEWEST_RECIPIENTS.
    """

    recipients: int

    def __post_init__(self) -> None:
        if self.recipients < FEWEST_RECIPIENTS:
            raise ValueError(f"{self.recipients} recipients are too few to show every kind: {FEWEST_RECIPIENTS} do")

    # Recipients
    @property
    def opted_out(self) -> int:
        """Recipients that have opted out."""
        return self.recipients * 4 // 100

    @property
    def unseen(self) -> int:
        """Recipients without a tracking log."""
        return self.recipients * 10 // 100

    @property
    def doubles(self) -> int:
        """Recipients with two Visitor IDs."""
        return self.recipients * 20 // 100

    @property
    def shared_ids(self) -> int:
        """Visitor IDs that two recipients share: two in a hundred."""
        return self.recipients * 22 // 1000

    @property
    def without_email(self) -> int:
        """Recipients without an e-mail."""
        return self.recipients // 100

    @property
    def odd_emails(self) -> int:
        """Recipients whose e-mail has capitals or surrounding blanks."""
        return self.recipients * 2 // 100

    @property
    def tracking_logs(self) -> int:
        """All tracking logs."""
        return self.recipients * 5 // 4

    # Lines of the audience's file
    @property
    def lines(self) -> int:
        """All lines of the audience, whole or not."""
        return self.recipients // 2

    @property
    def malformed_lines(self) -> int:
        """Lines that cannot stand for anybody."""
        return self.lines * 2 // 100

    @property
    def repeated_lines(self) -> int:
        """Exact second copies of good lines."""
        return self.lines * 3 // 100

    @property
    def unknown_lines(self) -> int:
        """Good Visitor IDs of which there is no tracking log."""
        return self.lines * 10 // 100

    @property
    def opted_out_lines(self) -> int:
        """Visitor IDs of recipients that have opted out."""
        return self.lines * 2 // 100

    @property
    def shared_lines(self) -> int:
        """Visitor IDs that two recipients share."""
        return self.lines * 2 // 100

    @property
    def half_opted_out_lines(self) -> int:
        """Those shared Visitor IDs of which one recipient has opted out."""
        return self.shared_lines // 5

    @property
    def double_lines(self) -> int:
        """Recipients both of whose Visitor IDs are in the audience."""
        return self.lines * 3 // 100

    @property
    def single_lines(self) -> int:
        """Visitor IDs of one recipient each: all other lines."""
        others = self.malformed_lines + self.repeated_lines + self.unknown_lines + self.opted_out_lines
        return self.lines - others - self.shared_lines - 2 * self.double_lines

    @property
    def changes(self) -> int:
        """Recipients that leave from one day to the next, and as many that join."""
        return max(1, self.single_lines * 2 // 100)
