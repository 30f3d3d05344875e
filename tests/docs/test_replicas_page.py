"""The service config of the page on replicas is the one that the rolling restart is tried with."""

from __future__ import annotations

import json
import runpy

from pages import DOCS, ROOT, blocks


def test_the_service_config_is_the_one_of_the_rolling_restart() -> None:
    (block,) = blocks(DOCS / "how-to" / "run-several-replicas.md", "json")
    tried = runpy.run_path(str(ROOT / "tests" / "e2e" / "service_configs.py"))
    assert json.loads(block.text) == tried["RETRYING"]
