"""The demo's pairs, values for their parameters, and how a person would write them in a question."""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from vedder_core.cluster import Pair
from vedder_core.cluster_files import load_clusters
from vedder_core.sql.guard import ParameterValue

LOADED = load_clusters(Path(__file__).parents[2] / "clusters")
PAIRS = [(cluster, pair) for cluster in LOADED.clusters for pair in cluster.pairs]

BY_VALUES: Mapping[str, Sequence[str]] = {
    "nyc.flights.origin": ("EWR", "JFK", "LGA"),
    "nyc.weather.origin": ("EWR", "JFK", "LGA"),
    "nyc.flights.dest": ("LAX", "SJU", "BOS"),
    "nyc.airlines.name": ("JetBlue Airways", "United Air Lines Inc.", "Envoy Air"),
    "nyc.airlines.carrier": ("UA", "9E", "WN"),
    "nyc.airports.name": ("Los Angeles Intl", "Honolulu Intl", "Chicago Ohare Intl"),
    "nyc.airports.faa": ("JFK", "HNL", "04G"),
    "nyc.planes.model": ("737-824", "A320-232", "172N"),
}
BY_NAME: Mapping[str, Sequence[ParameterValue]] = {
    "month": (1, 7, 12),
    "day": (date(2013, 1, 1), date(2013, 7, 4), date(2013, 11, 3)),
    "minutes": (0, 60, 240),
    "top": (1, 10, 25),
    "year": (1985, 2001, 2013),
    "seats": (100, 200, 300),
    "miles": (0.5, 1, 10),
}

Values = Mapping[str, ParameterValue]
EMPTY: Sequence[tuple[str, Values]] = (
    ("models_of_airline", {"airline": "Envoy Air"}),  # all its matches in the registry are false
    ("airlines_flying_model", {"model": "172N"}),  # no airliner
)
"""Pairs that rightly find nothing for these values."""


def samples(pair: Pair) -> Iterator[Values]:
    """Three fillings of a pair's parameters; one empty filling for a pair without any."""
    if not pair.parameters:
        yield {}
        return
    for number in range(3):
        yield {name: _of(name, parameter.values)[number] for name, parameter in pair.parameters.items()}


def _of(name: str, values: str | None) -> Sequence[ParameterValue]:
    return BY_VALUES[values] if values is not None else BY_NAME[name]


def written(value: ParameterValue) -> str:
    """As a person writes it in a question."""
    return value.isoformat() if isinstance(value, date) else str(value)


def asked(question: str, values: Values) -> str:
    """The question with its blanks filled; a month by its name."""
    for name, value in values.items():
        spelled = calendar.month_name[value] if name == "month" and isinstance(value, int) else written(value)
        question = question.replace(f"{{{name}}}", spelled)
    return question
