"""Rules that hold for every distribution and every file of the workspace."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GATEWAY = ROOT / "gateway" / "audience_gateway"
MOST_LINES = 400


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


DISTRIBUTIONS = sorted(path.parent for path in ROOT.glob("*/pyproject.toml")) + sorted(
    path.parent for path in ROOT.glob("plugins/*/pyproject.toml")
)


def tracked(pattern: str) -> list[Path]:
    command = ["git", "ls-files", pattern]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # git itself
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda path: path.name)
def test_a_distribution_ships_one_typed_package_of_our_own_name(distribution: Path) -> None:
    packages = toml(distribution / "pyproject.toml")["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert len(packages) == 1
    assert packages[0].startswith("audience_gateway")
    assert (distribution / packages[0] / "py.typed").exists()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda path: path.name)
def test_a_distribution_has_a_readme_that_says_what_it_is(distribution: Path) -> None:
    assert (distribution / "README.md").read_text(encoding="utf-8").startswith("# ")


def test_plugins_may_import_no_part_of_the_gateway_but_the_sdk() -> None:
    contracts = toml(ROOT / "pyproject.toml")["tool"]["importlinter"]["contracts"]
    (rule,) = [contract for contract in contracts if contract["name"].startswith("Plugins import nothing")]
    parts = {f"audience_gateway.{path.stem}" for path in GATEWAY.iterdir() if path.suffix == ".py" or path.is_dir()}
    public = {"audience_gateway.__init__", "audience_gateway.sdk", "audience_gateway.testing"}

    assert parts - public - set(rule["forbidden_modules"]) <= {"audience_gateway.__pycache__"}
    assert set(rule["source_modules"]) == {
        toml(distribution / "pyproject.toml")["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"][0]
        for distribution in DISTRIBUTIONS
        if distribution.parent.name == "plugins"
    }


def test_hardly_any_file_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in tracked("*.py")
        if "/v1/" not in str(path) and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]

    assert long == []


def test_requirements_hold_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "--index-url" not in text
