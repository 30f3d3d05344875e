"""Failures on purpose: switches of the systems, and calls that go wrong on their way."""

from audience_gateway_sandbox.faults.broken_calls import BrokenCalls
from audience_gateway_sandbox.faults.rules import Kind, Rule, read_rule
from audience_gateway_sandbox.faults.switches import Switches

__all__ = ["BrokenCalls", "Kind", "Rule", "Switches", "read_rule"]
