"""Settings of plugins: frozen pydantic models, with secrets only as references."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from audience_gateway.sdk.errors import ConfigError


class Settings(BaseModel):
    """Base of every plugin's settings: unknown names are refused, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=False, hide_input_in_errors=True)


class Secret:
    """A reference to a secret, `env:NAME` or `file:/path`; the value is fetched when it is needed and never kept.

    Raises ConfigError on `reveal` if the reference leads nowhere.
    """

    __slots__ = ("_reference",)

    def __init__(self, reference: str) -> None:
        kind, _, rest = reference.partition(":")
        if kind not in {"env", "file"} or not rest:
            raise ValueError("not a reference to a secret")
        self._reference = reference

    def reveal(self) -> str:
        """The value, fetched anew: a rotated secret is seen at the next call."""
        kind, _, rest = self._reference.partition(":")
        if kind == "env":
            value = os.environ.get(rest, "")
            if not value:
                raise ConfigError(
                    "the environment variable is not set or empty",
                    place=self._reference,
                    remedy="Set it for the gateway's process.",
                )
            return value
        try:
            return Path(rest).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                "the file cannot be read", place=self._reference, remedy="Let the gateway's user read it."
            ) from error

    def __repr__(self) -> str:
        return f"Secret({self._reference!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._reference == self._reference

    def __hash__(self) -> int:
        return hash(self._reference)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.plain_serializer_function_ser_schema(cls._referenced)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": "^(env|file):.+",
            "description": "Reference to a secret: env:NAME or file:/path.",
        }

    def _referenced(self) -> str:
        return self._reference

    @classmethod
    def _validated(cls, value: object) -> Secret:
        if isinstance(value, Secret):
            return value
        try:
            return cls(value if isinstance(value, str) else "")
        except ValueError:
            raise PydanticCustomError(
                "secret_reference", "found a literal value (not shown), allowed: env:NAME or file:/path"
            ) from None


def fingerprint(value: str) -> str:
    """A short stable stand-in for a value that must not be shown."""
    return hashlib.sha256(value.encode()).hexdigest()[:12]
