"""Counts the examples of properties, and fails a run of fewer than it was asked for: `--least-examples`."""

from __future__ import annotations

from collections.abc import Generator
from functools import wraps

import pytest

_RAN = "examples"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--least-examples", type=int, help="Fail unless properties have passed so many examples.")


def pytest_configure(config: pytest.Config) -> None:
    least = config.getoption("--least-examples")
    if least is not None:
        config.pluginmanager.register(_Counting())
        if not hasattr(config, "workerinput"):  # pytest-xdist's workers each run a part, which reports carry
            config.pluginmanager.register(_Count(least))


class _Counting:
    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Counts the examples of a property that pass; those that it assumes away do not count."""
        handle = getattr(getattr(item, "obj", None), "hypothesis", None)
        if handle is None:
            return (yield)
        test, ran = handle.inner_test, 0

        @wraps(test)
        def counted(*arguments: object, **named: object) -> None:
            nonlocal ran
            test(*arguments, **named)
            ran += 1

        handle.inner_test = counted
        try:
            return (yield)
        finally:
            handle.inner_test = test
            item.user_properties.append((_RAN, ran))


class _Count:
    def __init__(self, least: int) -> None:
        self._least = least
        self._ran: dict[str, int] = {}

    @property
    def _total(self) -> int:
        return sum(self._ran.values())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = dict(report.user_properties).get(_RAN)
        if report.when == "call" and isinstance(found, int):
            self._ran[report.nodeid] = found

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._total < self._least and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("examples that passed")
        for node, ran in sorted(self._ran.items()):
            terminalreporter.line(f"{ran:9,} {node}")
        terminalreporter.line(f"{self._total:9,} in all, and at least {self._least:,} are asked for")
