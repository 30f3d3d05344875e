from importlib.metadata import EntryPoint

import pytest
import typer
from audience_gateway.cli import mounted_commands
from audience_gateway.cli.errors import ReportingGroup
from typer.testing import CliRunner

GREETING = """
import typer

def greet(name: str, loud: bool = False):
    typer.echo(f"hello {name}{'!' * loud}")
    raise typer.Exit(4)
"""


@pytest.fixture
def run(monkeypatch):
    """Runs a command line with only the given commands mounted."""

    def command(entries, *arguments):
        points = [EntryPoint(name, value, mounted_commands.GROUP) for name, value in entries.items()]
        monkeypatch.setattr(mounted_commands, "entry_points", lambda group: points)
        app = typer.Typer(cls=ReportingGroup)
        app.callback()(lambda: None)
        mounted_commands.mount(app)
        return CliRunner().invoke(app, arguments)

    return command


@pytest.fixture
def greeting(monkeypatch, tmp_path):
    """A module of another distribution that has the command `greet`."""
    (tmp_path / "greeting_command.py").write_text(GREETING)
    monkeypatch.syspath_prepend(tmp_path)
    return {"greet": "greeting_command:greet"}


def test_arguments_options_and_exit_code_are_passed_on(run, greeting):
    result = run(greeting, "greet", "Ada", "--loud")
    assert (result.exit_code, result.stdout) == (4, "hello Ada!\n")


def test_help_is_that_of_the_command(run, greeting):
    assert "--loud" in run(greeting, "greet", "--help").stdout


def test_a_known_command_that_is_not_installed_names_its_package(run):
    result = run({}, "sandbox", "--port", "0")
    assert result.exit_code == 1
    assert result.stderr.endswith("sandbox` is not installed. Install the package audience-gateway-sandbox.\n")


def test_a_command_that_cannot_be_loaded_is_one_line(run):
    result = run({"greet": "no_such_module:greet"}, "greet")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: the command `greet` of no_such_module:greet cannot be loaded")


def test_a_command_that_cannot_be_loaded_hides_no_other(run):
    assert "sandbox" in run({"greet": "no_such_module:greet"}, "--help").stdout
