"""The People core service as Campaign sees it: two shared-audience buckets and a daily drop of files."""

from audience_gateway_sandbox.people.buckets import Buckets
from audience_gateway_sandbox.people.daily_drops import DailyDrops
from audience_gateway_sandbox.people.drops import Drop, write_drop

__all__ = ["Buckets", "DailyDrops", "Drop", "write_drop"]
