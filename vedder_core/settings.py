"""All settings of Vedder, read from the environment with the prefix `VEDDER_`. The README lists each of them."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from vedder_core.errors import SettingsError


class Settings(BaseSettings):
    """One value a setting; every path may be relative to the folder that Vedder is started in."""

    model_config = SettingsConfigDict(env_prefix="VEDDER_", extra="ignore", frozen=True)

    clusters: Path = Field(Path("clusters"), description="Folder of the cluster files.")
    warehouse: str = Field(
        "duckdb:///build/warehouse/demo.duckdb?files=build/warehouse/flights",
        description="URL of the warehouse: DuckDB, where `files` names folders of data files that its views read, or "
        "`postgresql://user@host/database?schemas=a,b`.",
    )
    context: str = Field("build/context", description="Folder or object-store URL of the context store.")
    models: Path = Field(Path("build/models"), description="Folder of the local embedder's weights.")
    embedder: str = Field(
        "minilm",
        description="`minilm`, `gte-small`, `hashed-words` (no weights, no meaning), or `openai:<model>`.",
    )
    embeddings_url: str = Field(
        "https://api.openai.com/v1", description="Base URL of the OpenAI-compatible embeddings endpoint."
    )
    embeddings_key: SecretStr | None = Field(None, description="Key of the embeddings endpoint.")
    state: str = Field(
        "sqlite:///build/state/vedder.db",
        description="URL of the state database, which holds conversations: SQLite, or `postgresql+psycopg://...`.",
    )
    chat_model: str = Field(
        "",
        description="Name of the chat model, or `scripted:<file>` to play replies; empty: vetted pairs alone answer.",
    )
    chat_url: str = Field(
        "https://api.openai.com/v1", description="Base URL of the OpenAI-compatible server of the chat model."
    )
    chat_key: SecretStr | None = Field(None, description="Key of the chat model's server.")
    chat_prompt_price: float | None = Field(None, ge=0, description="Price of a million tokens that the model reads.")
    chat_completion_price: float | None = Field(
        None, ge=0, description="Price of a million tokens that the model writes."
    )
    context_tokens: int = Field(
        6000, ge=500, description="About how many tokens of context a question starts with in front of the model."
    )
    turn_calls: int = Field(12, ge=1, description="How often the chat model may be asked for one question.")
    turn_tokens: int = Field(150_000, ge=1000, description="Most tokens, read and written, for one question.")
    turn_money: float | None = Field(None, gt=0, description="Most money for one question, by the prices above.")
    turn_seconds: float = Field(180.0, gt=0, description="Deadline of one question, in seconds.")
    turn_bytes: int = Field(32_000_000, gt=0, description="Most bytes that all queries of one question may return.")
    host: str = Field("127.0.0.1", description="Address that the API binds to; loopback only, until it has logins.")
    port: int = Field(8000, ge=0, le=65535, description="Port of the API.")
    query_seconds: float = Field(30.0, gt=0, description="Deadline of one query, in seconds.")
    query_rows: int = Field(1000, gt=0, description="Most rows that one answer may hold.")
    query_bytes: int = Field(16_000_000, gt=0, description="Most bytes that one answer may hold.")
    alerts: SecretStr | None = Field(
        None,
        description="Where drops of health are told: a YAML or JSON file, or the JSON itself, of addresses by team.",
    )
    keep_versions_days: int = Field(14, ge=1, description="How long old versions of the context are kept.")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Raises SettingsError that names the variable and what it may be."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"VEDDER_{str(first['loc'][0]).upper()}"
        raise SettingsError(
            f"{name} cannot be used: {first['msg']}", hint=f"Change or unset {name} in the environment."
        ) from error
