"""Generates Python code from protos/ into a directory.

The generated code imports no `buf` package: the descriptor of buf/validate/validate.proto is registered by
`audience_gateway.validate_descriptor`, so that no wheel of ours holds a top-level package of others.

usage: generate.py PROTOS COMPILE_ONLY OUTPUT
"""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

_PLUGINS = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")
_BUF_IMPORT = re.compile(r"^from buf\.validate import validate_pb2 as .*$", re.MULTILINE)
_REGISTERED = "import audience_gateway.validate_descriptor"
_BUF_STUB_IMPORT = re.compile(r"^from buf\.validate import validate_pb2 as .*\n", re.MULTILINE)


def generate(protos: Path, compile_only: Path, output: Path) -> None:
    """Generates messages, stubs and types. Raises SystemExit if the compiler finds a fault."""
    output.mkdir(parents=True, exist_ok=True)
    inputs = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
    answer = protoc.main(
        [
            "protoc",
            f"-I{protos}",
            f"-I{compile_only}",
            f"-I{files('grpc_tools') / '_proto'}",
            *(f"--plugin={name}={Path(sys.executable).with_name(name)}" for name in _PLUGINS),
            f"--python_out={output}",
            f"--grpc_python_out={output}",
            f"--mypy_out=quiet:{output}",
            f"--mypy_grpc_out=quiet:{output}",
            *inputs,
        ]
    )
    if answer:
        raise SystemExit(answer)
    for path in sorted(output.rglob("*_pb2_grpc.py")):
        if "Servicer" not in path.read_text(encoding="utf-8"):
            path.unlink()
            path.with_suffix(".pyi").unlink()
    for path in sorted(output.rglob("*_pb2*.py*")):
        _rewrite(path)
    for folder in {path.parent for path in output.rglob("*_pb2.py")}:
        (folder / "__init__.py").write_text(
            '"""Generated from the protos of this package; see `make proto`."""\n', encoding="utf-8"
        )


def _rewrite(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    is_code = path.suffix == ".py"
    text = _BUF_IMPORT.sub(_REGISTERED, text) if is_code else _BUF_STUB_IMPORT.sub("", text)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Generates."""
    protos, compile_only, output = (Path(argument) for argument in sys.argv[1:4])
    generate(protos, compile_only, output)


if __name__ == "__main__":
    main()
