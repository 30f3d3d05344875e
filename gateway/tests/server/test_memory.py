"""The gateway gives memory back that it does not need."""

import subprocess
import sys

_PROGRAM = """
import resource
import pyarrow as pa
from audience_gateway.server.memory import keep_level

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

keep_level()
before = resident()
held = [pa.array(range(1_000_000)) for _ in range(10)]
with_data = resident()
del held
print(pa.default_memory_pool().backend_name, with_data - before > 70 * 2**20, resident() - before < 20 * 2**20)
"""


def test_what_was_held_once_is_given_back():
    run = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["system", "True", "True"]
