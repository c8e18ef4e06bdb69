"""Every error that Vedder raises on purpose: a message for a person, and a hint that says what to do.

Outcomes that a caller branches on (a verdict, an answer) are values, not errors, and live with their nouns.
"""


class VedderError(Exception):
    """Something a person can mend. `message` says what is wrong and where, `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}"


class SettingsError(VedderError):
    """A setting is missing, or has a value that cannot be used."""


class SourceError(VedderError):
    """What should tell how the warehouse will be after a change cannot be read for certain."""


class QueryRefused(VedderError):
    """The guard did not let a query through; nothing of it reached the warehouse.

    `code` is for machines: text, statement, function, type, size, unknown_table, parameter.
    """

    def __init__(self, message: str, *, hint: str, code: str = "statement") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class WarehouseError(VedderError):
    """The warehouse could not be reached, or does not hold what was asked for."""


class QueryFailed(WarehouseError):
    """The engine refused or broke off a guarded query."""


class QueryTimeout(WarehouseError):
    """A query was stopped at its deadline."""


class SnapshotError(VedderError):
    """A snapshot of a catalog cannot be read or written."""


class EmbedderError(VedderError):
    """Texts could not be turned into vectors: no weights, a wrong file, or an endpoint that fails."""


class ContextError(VedderError):
    """The context store cannot be read: never published, or built with another embedder."""


class StateError(VedderError):
    """The state database cannot be opened, read or written; what was written before stays."""


class UnknownConversation(VedderError):
    """No such conversation, or it is somebody else's."""


class UnknownTurn(VedderError):
    """No such turn, or it is somebody else's."""


class ConversationBusy(VedderError):
    """The last question of this conversation is still being worked on."""


class KeyReused(VedderError):
    """An idempotency key came a second time, with something else."""
