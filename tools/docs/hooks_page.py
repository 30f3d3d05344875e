"""The page of plugin hooks."""

from __future__ import annotations

import inspect

from audience_gateway.plugins import hookspecs, loader
from audience_gateway.sdk import CONTRACT_VERSION

_INTRODUCTION = f"""
A plugin is a module that an entry point of the group `{loader.GROUP}` names. It implements these hooks as functions
marked with `audience_gateway.sdk.hookimpl`. The contract version is {CONTRACT_VERSION}; a plugin made for another one
is not loaded.
""".strip()


def text() -> str:
    """The page."""
    hooks = [
        function
        for _, function in inspect.getmembers(hookspecs, inspect.isfunction)
        if hasattr(function, f"{hookspecs.PROJECT}_spec")
    ]
    return "\n\n".join(
        [
            "# Hooks",
            _INTRODUCTION,
            *(
                f"## `{function.__name__}{inspect.signature(function)}`\n\n{inspect.getdoc(function)}".replace("'", "")
                for function in sorted(hooks, key=lambda hook: hook.__code__.co_firstlineno)
            ),
        ]
    )
