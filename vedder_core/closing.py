"""What must be closed, and closes itself at the end of a `with`.

`contextlib.closing` would have every caller say so; here the class does, and a protocol may ask for it.
"""

from abc import abstractmethod
from types import TracebackType
from typing import Protocol, Self


class Closing(Protocol):
    """`with` gives the thing itself, and closes it."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
