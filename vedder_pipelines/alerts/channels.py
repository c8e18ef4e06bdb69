"""Where the alerts of each team go, from VEDDER_ALERTS: a YAML or JSON file, or the JSON itself.

The addresses of webhooks are passwords: they stand in no message, log, cursor or page, also not where they are wrong.
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from vedder_core.cluster import Name
from vedder_core.errors import SettingsError
from vedder_core.settings import Settings

Form = Literal["slack", "json"]
SLACK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
HINT = 'For example {"default": "https://hooks.slack.com/...", "teams": {"ops": "https://..."}}; see docs/alerts.md.'


def _is_http(url: SecretStr) -> SecretStr:
    """Never shows the address."""
    parts = urlsplit(url.get_secret_value().strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address begins with https:// or http://")
    return SecretStr(url.get_secret_value().strip())


class Channel(BaseModel):
    """An address and the form of what it takes; by itself, Slack's for Slack's hosts and plain JSON for all others."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Annotated[SecretStr, AfterValidator(_is_http)]
    form: Form | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, written: object) -> object:
        return {"url": written} if isinstance(written, str) else written

    @property
    def takes(self) -> Form:
        host = urlsplit(self.url.get_secret_value()).hostname
        return self.form or ("slack" if host in SLACK_HOSTS else "json")


class Channels(BaseModel):
    """`recoveries`: a band that rises is told, too. `dagster` is the address of Dagster's UI, for links."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    default: Channel | None = None
    teams: dict[Name, Channel] = Field(default_factory=dict)
    recoveries: bool = False
    dagster: str | None = None

    def of(self, team: str) -> Channel | None:
        return self.teams.get(team, self.default)


def channels_of(settings: Settings) -> Channels | None:
    """The channels that are set; None where alerts are off. Raises SettingsError, without a word of what was set."""
    given = settings.alerts.get_secret_value().strip() if settings.alerts is not None else ""
    if not given:
        return None
    inline = given.startswith("{")
    named = "VEDDER_ALERTS" if inline else f"{given} (VEDDER_ALERTS)"
    if not inline and "://" in given:
        raise SettingsError("VEDDER_ALERTS is an address, but a file or JSON is wanted.", hint=HINT)
    try:
        text = given if inline else Path(given).read_text(encoding="utf-8")
        return Channels.model_validate(yaml.safe_load(text) or {})
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{named} cannot be read: {said}.", hint=HINT) from None
    except yaml.YAMLError:
        raise SettingsError(f"{named} is neither YAML nor JSON.", hint=HINT) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        at = ".".join("..." if "://" in str(key) else str(key) for key in first["loc"])
        raise SettingsError(f"{named}, `{at}`: {first['msg']}.", hint=HINT) from None
