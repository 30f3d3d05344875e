"""Groups of commands are loaded when they are needed."""

import subprocess
import sys

import pytest
import typer
from audience_gateway.cli.groups import GROUPS
from audience_gateway.cli.main import app

_ROOT = typer.main.get_command(app)


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_goes_by_its_name_and_has_commands(name):
    group = _ROOT.get_command(typer.Context(_ROOT), name)
    assert group.name == name
    assert group.list_commands(typer.Context(group))


def test_what_is_no_command_is_none():
    assert _ROOT.get_command(typer.Context(_ROOT), "id_types") is None


def test_a_command_that_moves_no_rows_loads_no_columns_and_no_server():
    program = (
        "import sys; from audience_gateway.cli.main import app; "
        "app(['transfers', 'list', '--help'], standalone_mode=False); "
        "print(*sorted({'duckdb', 'pyarrow', 'asyncssh', 'aiohttp', 'audience_gateway.sdk'} & sys.modules.keys()))"
    )
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert printed.splitlines()[-1] == ""
