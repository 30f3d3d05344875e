"""The reconciliation strategy of the id type `device_id`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Codec, ConfigError, DataSource, Normalised, Reason, is_placeholder, judged

from audience_gateway_device_id.formats import FORMATS, Format

_ZEROS = "^[0-]*0[0-]*$"


class DeviceId:
    """Device IDs stay as they are: Audience Manager refuses them in another case, so their source should hear of it."""

    id_type = "device_id"
    title = "Device ID"
    description = (
        "The advertising id of a device, such as an IDFA or a GAID. Its kind, and with it how it is written, "
        "comes from the data source id that Audience Manager gives all its customers for this kind."
    )

    def check(self, source: DataSource) -> None:
        """Raises ConfigError if the data source does not say of which kind its devices are, or has a codec."""
        _format(source)
        if source.codec is not Codec.NONE:
            raise ConfigError(
                f"found the codec `{source.codec}`, allowed for Device IDs: `none`",
                place=f"data_sources.{source.name}.codec",
                remedy="Remove the setting; Device IDs travel in clear.",
            )

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:  # noqa: ARG002 - the contract's arguments; Device IDs are never encoded
        """Keeps what is valid for the data source's kind of device.

        Raises ConfigError if the data source does not say which kind that is.
        """
        pattern = _format(source).pattern
        sound = pc.match_substring_regex(ids, pattern)
        return judged(
            ids,
            (pc.is_null(ids), Reason.NO_ID),
            (pc.match_substring_regex(ids, _ZEROS), Reason.ZERO_DEVICE_ID),
            (is_placeholder(ids), Reason.PLACEHOLDER_ID),
            (pc.and_not(_sound_in_another_case(ids, pattern), sound), Reason.WRONG_CASE),
            (pc.invert(sound), Reason.INVALID_ID),
        )


def _sound_in_another_case(ids: pa.StringArray, pattern: str) -> pa.BooleanArray:
    # Only of ASCII: by the rules of Unicode the sign of the unit kelvin is a k.
    lower, upper = pc.ascii_lower(ids), pc.ascii_upper(ids)
    return pc.or_(pc.match_substring_regex(lower, pattern), pc.match_substring_regex(upper, pattern))


def _format(source: DataSource) -> Format:
    found = FORMATS.get(source.aam_data_source_id)
    if found is None:
        raise ConfigError(
            f"found {source.aam_data_source_id}, which says of no kind of device what its ids look like",
            place=f"data_sources.{source.name}.aam_data_source_id",
            remedy=f"Allowed are {', '.join(f'{number} for {format_.kind}' for number, format_ in FORMATS.items())}.",
        )
    return found
