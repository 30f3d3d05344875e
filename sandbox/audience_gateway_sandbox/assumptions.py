"""What the public documents leave open, in one place: each is a guess of ours and can be set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAssumptions:
    """How the Experience Platform behaves where nobody says how it does, or two sources say two things.

    Attributes:
        job_milliseconds: a segment or export job is NEW for a quarter of so long, then PROCESSING (rtcdp 11).
        jobs_a_day: so many segment jobs in a sandbox of the platform in a day; 0 for no limit (rtcdp 1.5).
        evaluation_hours: audiences are evaluated each so many hours (rtcdp 0.5).
        audience_start_is_page: `start` of the list of audiences counts pages, not audiences (rtcdp 1.3).
        audience_changes_answer_201: PUT and PATCH of an audience answer 201, not 200 (sandbox, precedence).
        definition_names_are_unique: a second segment definition of one name is refused (rtcdp 1.1).
        flow_deletes_answer_202: DELETE in the flow service answers 202, not 204 (sandbox, precedence).
        used_connections_stay: a connection that another object names cannot be deleted.
        graph_linking_rules: a graph has one e-mail and one cross-device id, and a device goes to its last user
            (rtcdp 2.4).
        profile_lookup: the organisation has the edition that may look profiles up (rtcdp 7).
        first_export_minutes: exports begin so long after an audience is activated, or later (rtcdp 6.7).
        adhoc_minutes: an audience can be exported on demand so long after it was activated (rtcdp 6.9).
        rows_a_file: files of more rows are split (rtcdp 6.4).
        empty_exports_are_files: an export without rows writes a file with a header (rtcdp 6.7, 10.2).
        push_retries: a push that failed is tried again so many times (rtcdp 4).
        push_seconds: the other side has so long to answer a push (rtcdp 4).
        sharing_backfills: Audience Manager is also told of those who were in an audience before it was activated to
            Experience Cloud Audiences (rtcdp 9).
        sharing_hours: so long after an evaluation Audience Manager knows who entered and who left (rtcdp 9).
        status_header: header of the column of statuses, where the mapping gives it none (rtcdp 6.5).
    """

    job_milliseconds: int = 400
    jobs_a_day: int = 0
    evaluation_hours: int = 24
    audience_start_is_page: bool = False
    audience_changes_answer_201: bool = False
    definition_names_are_unique: bool = True
    flow_deletes_answer_202: bool = False
    used_connections_stay: bool = True
    graph_linking_rules: bool = False
    profile_lookup: bool = True
    first_export_minutes: int = 60
    adhoc_minutes: int = 60
    rows_a_file: int = 5_000_000
    empty_exports_are_files: bool = False
    push_retries: int = 2
    push_seconds: int = 2
    sharing_backfills: bool = False
    sharing_hours: int = 4
    status_header: str = "segmentMembership_status"

    def __post_init__(self) -> None:
        for name in ("job_milliseconds", "evaluation_hours", "rows_a_file", "push_seconds"):
            if getattr(self, name) < 1:
                raise ValueError(f"platform.{name} must be at least 1")


_PLATFORM = PlatformAssumptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """How the emulated systems behave where nobody says how they do.

    Attributes:
        drop_hours: Audience Manager drops a file for Campaign each so many hours (campaign 1.4).
        poll_hours: Campaign's `importSharedAudience` looks for files each so many hours (campaign 1.4).
        export_hours: `exportSharedAudience` writes what waits each so many hours (campaign 1.5).
        drop_parts: a drop is split into so many parts (campaign 1.6).
        latest_log_wins: of several recipients of one Visitor ID, only the one seen last becomes a member, not all
            (campaign 1.3).
        unmentioned_lists_are_emptied: a full batch that does not name a list's audience empties the list.
        tokens_a_minute: so many tokens are minted for one client in a minute; 0 for no limit (ims 3).
        calls_a_minute: so many calls pass the API gateway for one client and sandbox in a minute; 0 for no limit
            (ims 8).
        gateway_codes_are_numbers: `error_code` of the API gateway is a number, not text (ims 8).
        jwt_exchange: service accounts can exchange a JWT for a token, as before 2025-06-30 (ims 4).
        role_based_access: what a user of Audience Manager may do depends on his groups (audience-manager 1.1, 9).
        traits_in_segments_are_kept: a trait that a segment's rule names cannot be deleted.
        most_traits, most_algorithmic_traits, most_segments, most_destinations, most_s2s_destinations, most_merge_rules,
            most_folders, folder_levels: usage limits of Audience Manager (audience-manager 7, 8).
        legacy_oauth: users of Audience Manager get tokens at `/oauth/token`, as before the token service
            (audience-manager 1.1).
        signal_minutes: the REST interface takes one signal for a workflow in so many minutes (campaign 4.2).
        signal_bytes: the parameters of a signal are at most so large (campaign 4.2).
        inbound_hours: Audience Manager takes inbound files in each so many hours (audience-manager 3.5).
        inbound_usable_hours: the traits of an inbound file count so many hours after it was taken in; 48 at most
            (audience-manager 3.5).
        nine_digit_times: names of inbound files may have timestamps of 9 digits, as examples of the documents have
            (audience-manager 3.2).
        id_syncs_authenticate: ids that an ID synchronization links, by file or by `ibs:`, count as logged in, as merge
            rules ask (audience-manager 7).
        outbound_hour: Audience Manager sends outbound files at this hour, UTC (audience-manager 4).
        outbound_time_digits: the time in names of outbound files has 13 digits, or 10 (audience-manager 4).
        traits_of_profile: a profile has at most so many traits (audience-manager 8).
        devices_of_customer, customers_of_device, devices_of_device: an id is linked with at most so many others
            (audience-manager 8).
        device_days: devices and links are forgotten after so many days without activity (audience-manager 8).
        events_a_minute: the data collection servers take so many calls a minute; 0 for no limit (audience-manager 6).
        events_realize_onboarded: `d_sid` of an event also realizes onboarded traits (audience-manager 1.5).
        streams_take_unknown_sources: the Customer Data API takes ids of data sources that there are not for those of
            customers (audience-manager 2).
        dcs_region: data collection servers say that they are of this region (audience-manager 6).
        attributes_pickup_seconds: accounts of attribute sources are looked into each so many seconds; Adobe says about
            a minute (people-and-ids 8.1).
        attributes_low_priority_minutes: a data file that comes less than half an hour after the last one waits so many
            minutes more (people-and-ids 8.2).
        platform: those of the Experience Platform.
    """

    drop_hours: int = 24
    poll_hours: int = 1
    export_hours: int = 1
    drop_parts: int = 1
    latest_log_wins: bool = False
    unmentioned_lists_are_emptied: bool = False
    tokens_a_minute: int = 600
    calls_a_minute: int = 120
    gateway_codes_are_numbers: bool = False
    jwt_exchange: bool = False
    role_based_access: bool = False
    traits_in_segments_are_kept: bool = False
    most_traits: int = 100_000
    most_algorithmic_traits: int = 50
    most_segments: int = 20_000
    most_destinations: int = 1000
    most_s2s_destinations: int = 100
    most_merge_rules: int = 3
    most_folders: int = 2000
    folder_levels: int = 5
    legacy_oauth: bool = False
    signal_minutes: int = 10
    signal_bytes: int = 64 * 1024
    inbound_hours: int = 12
    inbound_usable_hours: int = 48
    nine_digit_times: bool = False
    id_syncs_authenticate: bool = True
    outbound_hour: int = 14
    outbound_time_digits: int = 13
    traits_of_profile: int = 150_000
    devices_of_customer: int = 100
    customers_of_device: int = 10
    devices_of_device: int = 1_000
    device_days: int = 120
    events_a_minute: int = 0
    events_realize_onboarded: bool = False
    streams_take_unknown_sources: bool = True
    dcs_region: int = 7
    attributes_pickup_seconds: int = 60
    attributes_low_priority_minutes: int = 60
    platform: PlatformAssumptions = _PLATFORM

    def __post_init__(self) -> None:
        for name in _AT_LEAST_ONE:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.drop_parts > _MOST_PARTS:
            raise ValueError(f"drop_parts must be at most {_MOST_PARTS}")
        if self.outbound_hour > _LAST_HOUR:
            raise ValueError(f"outbound_hour must be at most {_LAST_HOUR}")
        if self.outbound_time_digits not in _DIGITS_OF_TIMES:
            raise ValueError("outbound_time_digits must be 10 or 13")

    @property
    def drop_period(self) -> timedelta:
        """Time between two drops."""
        return timedelta(hours=self.drop_hours)

    @property
    def poll_period(self) -> timedelta:
        """Time between two looks for files."""
        return timedelta(hours=self.poll_hours)

    @property
    def export_period(self) -> timedelta:
        """Time between two exports."""
        return timedelta(hours=self.export_hours)

    @property
    def attributes_pickup_period(self) -> timedelta:
        """Time between two looks into accounts of attribute sources."""
        return timedelta(seconds=self.attributes_pickup_seconds)

    @property
    def attributes_low_priority(self) -> timedelta:
        """How long a data file waits that came too soon."""
        return timedelta(minutes=self.attributes_low_priority_minutes)


_MOST_PARTS = 999
_LAST_HOUR = 23
_DIGITS_OF_TIMES = (10, 13)
_AT_LEAST_ONE = (
    "drop_hours",
    "poll_hours",
    "export_hours",
    "drop_parts",
    "inbound_hours",
    "traits_of_profile",
    "devices_of_customer",
    "customers_of_device",
    "devices_of_device",
    "device_days",
    "attributes_pickup_seconds",
)


def assumptions_of(settings: Sequence[str]) -> Assumptions:
    """Read assumptions as the command line has them, `drop_parts=4`, `platform.jobs_a_day=2`.

    Raises ValueError with what is wrong.
    """
    made = Assumptions()
    for setting in settings:
        name, _, text = setting.partition("=")
        group, _, member = name.rpartition(".")
        value = _read(setting, _known().get(name), text)
        if group:
            made = replace(made, **_one(group, replace(getattr(made, group), **_one(member, value))))
        else:
            made = replace(made, **_one(member, value))
    return made


def _known() -> dict[str, int | bool | str]:
    """Tell the defaults of all assumptions; those of a group bear its name before theirs."""
    defaults = asdict(Assumptions())
    known = {name: value for name, value in defaults.items() if not isinstance(value, dict)}
    for group, members in defaults.items():
        if isinstance(members, dict):
            known |= {f"{group}.{name}": value for name, value in members.items()}
    return known


def _one(name: str, value: object) -> dict[str, Any]:
    return {name: value}


def _read(setting: str, default: int | bool | str | None, text: str) -> int | bool | str:  # noqa: FBT001 - a default
    if isinstance(default, bool) and text in {"true", "false"}:
        return text == "true"
    if isinstance(default, int) and not isinstance(default, bool) and text.isdecimal():
        return int(text)
    if isinstance(default, str) and text:
        return text
    known = ", ".join(f"{name}={value}".lower() for name, value in _known().items())
    raise ValueError(f"{setting!r} is no assumption that can be made; there are {known}")
