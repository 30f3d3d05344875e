"""What the rules of traits and of segments share: `AND`, `OR`, `NOT` over conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Atom = TypeVar("Atom")


@dataclass(frozen=True, slots=True)
class Every(Generic[Atom]):
    """Holds where all its parts do."""

    parts: tuple[Tree[Atom], ...]


@dataclass(frozen=True, slots=True)
class Either(Generic[Atom]):
    """Holds where one of its parts does."""

    parts: tuple[Tree[Atom], ...]


@dataclass(frozen=True, slots=True)
class Negation(Generic[Atom]):
    """Holds where its part does not."""

    part: Tree[Atom]


Tree: TypeAlias = Atom | Every[Atom] | Either[Atom] | Negation[Atom]


def holds(tree: Tree[Atom], atom_holds: Callable[[Atom], bool]) -> bool:
    """Tell whether a tree holds, if its atoms do as `atom_holds` tells."""
    match tree:
        case Every(parts):
            return all(holds(part, atom_holds) for part in parts)
        case Either(parts):
            return any(holds(part, atom_holds) for part in parts)
        case Negation(part):
            return not holds(part, atom_holds)
        case _:
            return atom_holds(tree)


def atoms(tree: Tree[Atom]) -> Iterator[Atom]:
    """Go through the atoms of a tree, from left to right."""
    match tree:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from atoms(part)
        case Negation(part):
            yield from atoms(part)
        case _:
            yield tree
