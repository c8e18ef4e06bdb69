"""From YAML text to a tree whose values know their lines.

It is read from the parser's events, so that depth and size are bounded before anything is built. Deliberately not
here: which keys there should be (`cluster_shape`), and the words for bad YAML (`yaml_words`).
"""

from collections.abc import Iterable
from dataclasses import replace

import yaml

from vedder_core.written_file import WrittenFile
from vedder_core.yaml_tree import Node, kind_of
from vedder_core.yaml_words import Misread, misread

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 30
MOST_NODES = 200_000
TEXT = "tag:yaml.org,2002:str"
MERGE = "tag:yaml.org,2002:merge"


def read_yaml(file: WrittenFile, text: str, *, first_line: int = 1) -> Node | None:
    """The one YAML document in `text`, which stands in `file` from `first_line` on; an empty one has content None.

    None once it is reported why it cannot be read. A key that stands twice is reported, and the first one counts.
    """
    try:
        return _Reader(file, text, first_line).document()
    except (yaml.YAMLError, Misread) as error:
        why = misread(error, text)
        file.report(why.message, line=first_line + why.line, hint=why.hint)
        return None


class _Reader:
    """Builds nodes from events."""

    def __init__(self, file: WrittenFile, text: str, first_line: int) -> None:
        self.file = file
        self.first_line = first_line
        self.events = LOADER(text)
        self.anchors: dict[str, Node] = {}
        self.size = 0

    def document(self) -> Node:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Node(self.first_line, None)
        node = self._node(self._next(), depth=0)
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise Misread(
                "A second `---` begins another document.", _line(after), "Keep one document; delete the line."
            )
        return node

    def _next(self) -> yaml.NodeEvent:
        event: yaml.NodeEvent = self.events.get_event()
        return event

    def _node(self, event: yaml.NodeEvent, *, depth: int, key_line: int | None = None) -> Node:
        line = _line(event) if key_line is None else key_line
        node = self._content(event, depth, self.first_line + line)
        self.size += node.size if isinstance(event, yaml.AliasEvent) else 1
        if self.size > MOST_NODES:
            raise Misread(f"The YAML holds more than {MOST_NODES:,} values.", line, "Use aliases (`*name`) sparingly.")
        if depth + node.height > DEEPEST:
            raise Misread(f"The YAML is nested more than {DEEPEST} levels deep.", line, "Flatten it.")
        if event.anchor is not None and not isinstance(event, yaml.AliasEvent):
            self.anchors[event.anchor] = node
        return node

    def _content(self, event: yaml.NodeEvent, depth: int, line: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event, line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, line)
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            raise _tagged(event, tag)
        if depth >= DEEPEST:
            return Node(line, None, height=1)
        return self._list(line, depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(line, depth)

    def _aliased(self, event: yaml.AliasEvent, line: int) -> Node:
        if event.anchor not in self.anchors:
            raise Misread(
                f"`*{event.anchor}` refers to `&{event.anchor}`, which stands nowhere above.",
                _line(event),
                "Put the text in quotes if it should begin with `*`.",
            )
        return replace(self.anchors[event.anchor], line=line)

    def _list(self, line: int, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth=depth + 1))
        return Node(line, tuple(items), size=1 + sum(i.size for i in items), height=_height(items))

    def _mapping(self, line: int, depth: int) -> Node:
        entries: dict[str, Node] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event)
            value = self._node(self._next(), depth=depth + 1, key_line=_line(event))
            if key in entries:
                self.file.report(
                    f"The key `{key}` already stands in line {entries[key].line}.", line=value.line, hint="Keep one."
                )
            else:
                entries[key] = value
        nodes = entries.values()
        return Node(line, entries, size=1 + sum(node.size for node in nodes), height=_height(nodes))

    def _key(self, event: yaml.NodeEvent) -> str:
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise Misread("A key must be text.", line, "Put text that begins with `{`, `[`, `*` or `&` in quotes.")
        if event.implicit[0] and _tag(event.value) == MERGE:
            raise Misread("Merge keys (`<<`) are not read.", line, "Write the keys out.")
        key = _scalar(event, self.first_line + line)
        if not isinstance(key.content, str):
            self.file.report(
                f"YAML reads the key `{event.value}` as {kind_of(key)}, not as text.",
                line=key.line,
                hint=f'Put it in quotes: "{event.value}".',
            )
        return str(event.value)


def _line(event: yaml.Event) -> int:
    """The line that an event starts in, counted from 0."""
    return event.start_mark.line if event.start_mark is not None else 0


def _height(nodes: Iterable[Node]) -> int:
    return 1 + max((node.height for node in nodes), default=0)


def _scalar(event: yaml.ScalarEvent, line: int) -> Node:
    if event.tag not in (None, TEXT, "!"):
        raise _tagged(event, event.tag)
    if event.tag == TEXT or not event.implicit[0]:
        return Node(line, event.value, event.value)
    tag = _tag(event.value)
    if tag == TEXT:
        return Node(line, event.value, event.value)
    try:
        return Node(line, _CONSTRUCTORS[tag](_CONSTRUCTOR, yaml.ScalarNode(tag, event.value)), event.value)
    except (ValueError, KeyError, OverflowError):
        return Node(line, event.value, event.value)


_RESOLVER = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_CONSTRUCTORS = yaml.constructor.SafeConstructor.yaml_constructors


def _tag(value: str) -> str:
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return tag


def _tagged(event: yaml.NodeEvent, tag: str) -> Misread:
    written = tag.replace("tag:yaml.org,2002:", "!!")
    return Misread(f"The tag `{written}` is not read.", _line(event), "Put text that begins with `!` in quotes.")
