"""A list of texts as a model may give it: as a list, as JSON of one, or as one text alone."""

import json
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints


def _as_list(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            return [value]
    return [value] if value.strip() else []


Words = Annotated[tuple[Annotated[str, StringConstraints(max_length=200)], ...], BeforeValidator(_as_list)]
