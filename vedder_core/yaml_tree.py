"""A YAML value as a tree in which every key and value knows its line.

Deliberately not here: how text becomes such a tree (`yaml_lines`), and which keys there should be (`cluster_shape`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

Plain = str | int | float | bool | date | list["Plain"] | dict[str, "Plain"] | None
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line of its key (or its own, in a list). `written` is how a single value is spelt.

    `size` counts the values in it, those behind aliases each time that they are used; `height` the levels below it.
    """

    line: int
    content: "str | int | float | bool | date | tuple[Node, ...] | dict[str, Node] | None"
    written: str = ""
    size: int = 1
    height: int = 0

    def plain(self) -> Plain:
        """The value without its lines."""
        match self.content:
            case dict(entries):
                return {key: node.plain() for key, node in entries.items()}
            case tuple(items):
                return [node.plain() for node in items]
            case single:
                return single

    def at(self, path: KeyPath) -> "Node":
        """The node at a path, or the deepest one on the way to it."""
        node = self
        for step in path:
            inner = node._inner(step)
            if inner is None:
                break
            node = inner
        return node

    def has(self, path: KeyPath) -> bool:
        """Whether there is a node at the very end of a path."""
        return not path or ((inner := self._inner(path[0])) is not None and inner.has(path[1:]))

    def entries(self) -> Mapping[str, "Node"]:
        """The keys with their values; none where this is no mapping."""
        return self.content if isinstance(self.content, dict) else {}

    def items(self) -> tuple["Node", ...]:
        """The items of a list; none where this is no list."""
        return self.content if isinstance(self.content, tuple) else ()

    def key(self, path: KeyPath) -> str:
        """A path as curators read it: `datasets[nyc.flights].columns.dep_time`; list items by name or from 1."""
        written, node = "", self
        for step in path:
            node = node.at((step,))
            written += node._step(step, first=not written)
        return written

    def lines(self, above: str = "") -> Iterator[tuple[str, int]]:
        """Every key in the tree, spelt as by `key` behind the one `above`, with its line."""
        inner = self.entries().items() if self.entries() else enumerate(self.items())
        for step, node in inner:
            key = above + node._step(step, first=not above)
            yield key, node.line
            if isinstance(node.content, dict | tuple):
                yield from node.lines(key)

    def _step(self, step: str | int, *, first: bool) -> str:
        """How the last step to this node is spelt."""
        if isinstance(step, str):
            return step if first else f".{step}"
        name = self.entries().get("name")
        return f"[{name.content if name and isinstance(name.content, str) else step + 1}]"

    def _inner(self, step: str | int) -> "Node | None":
        if isinstance(step, str):
            return self.entries().get(step)
        return self.items()[step] if step < len(self.items()) else None


def kind_of(node: Node) -> str:
    """What YAML made of a value, in a curator's words."""
    match node.content:
        case bool():
            return "true" if node.content else "false"
        case None:
            return "nothing"
        case int() | float():
            return "a number"
        case date():
            return "a date"
        case dict():
            return "keys with values"
        case tuple():
            return "a list"
        case _:
            return "text"
