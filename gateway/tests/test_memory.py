"""The gateway gives memory back that it does not need."""

import subprocess
import sys

_BEGINNING = """
import resource
import pyarrow as pa
from audience_gateway.memory import give_back, keep_level

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 2**20

keep_level()
before = resident()
"""
_LARGE = """
held = [pa.array(range(1_000_000)) for _ in range(10)]
with_data = resident()
del held
print(pa.default_memory_pool().backend_name, with_data - before > 70, resident() - before < 20)
"""
_SMALL = """
held = [pa.array(range(10_000)) for _ in range(1_000)]
held = held[-1:]  # what lies behind them all
with_holes = resident()
give_back()
print(with_holes - before > 70, resident() - before < 20)
"""


def printed(program: str) -> list[str]:
    run = subprocess.run([sys.executable, "-c", _BEGINNING + program], check=True, capture_output=True, text=True)
    return run.stdout.split()


def test_what_was_held_once_is_given_back():
    assert printed(_LARGE) == ["system", "True", "True"]


def test_what_is_free_in_the_midst_is_given_back_when_asked():
    assert printed(_SMALL) == ["True", "True"]
