"""The five errors that a plugin raises. Their texts reach people: no id, token or password in them."""

from __future__ import annotations


class GatewayError(Exception):
    """What went wrong, where, and what to do about it.

    Attributes:
        message: what was found, in one sentence.
        remedy: what to do about it, in one sentence; empty if there is nothing to advise.
        place: where: a setting's path, `file:line`, or a part of the remote system; empty if nowhere in particular.
        sent: whether something of what was to be written may have reached the remote system all the same, so that
            it is in doubt.
    """

    def __init__(self, message: str, *, remedy: str = "", place: str = "", sent: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.place = place
        self.sent = sent

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.message}{remedy}"


class ConfigError(GatewayError):
    """A setting is missing or wrong; `place` is its path."""


class AuthError(GatewayError):
    """The remote system refused the credentials, or the rights do not suffice."""


class RateLimited(GatewayError):
    """The remote system asks to slow down.

    Attributes:
        retry_after: seconds to wait, as the remote system said; None if it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        remedy: str = "",
        place: str = "",
        sent: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy, place=place, sent=sent)
        self.retry_after = retry_after


class Transient(GatewayError):
    """The remote system could not be reached or failed in passing; the same call may succeed later.

    Unlike the others it counts as `sent`, unless it says otherwise: the connection was not even made.
    """

    def __init__(self, message: str, *, remedy: str = "", place: str = "", sent: bool = True) -> None:
        super().__init__(message, remedy=remedy, place=place, sent=sent)


class Permanent(GatewayError):
    """The remote system refused, or its data cannot be read; the same call will fail again."""
