"""Damage to the cluster's own files: what a careless edit does to pairs."""

from collections.abc import Callable
from pathlib import Path

from vedder_api.backtest.damages.damage import Change, PairText, file_of, texts_of
from vedder_api.backtest.subject import Subject


class PairsRemoved:
    """A share of the pairs is taken away."""

    name, harmful = "pairs removed", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        return Change(files={file_of(subject, slug): None for slug in subject.victims(self.name, share)})


class PairsSwapped:
    """Questions get the SQL of other questions, for a share of the pairs: what nobody vetted so."""

    name, harmful = "pairs swapped", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        return _round(subject, self.name, share, clusters, lambda own, next_: PairText(own.header, next_.sql))


class QuestionsSwapped:
    """Pairs get the questions and phrasings of other pairs, for a share of them; their SQL stays as it is."""

    name, harmful = "questions swapped", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        return _round(subject, self.name, share, clusters, _with_its_questions)


def _with_its_questions(own: PairText, next_: PairText) -> PairText:
    asked = next_.keys()
    return own.having({"question": asked["question"], "phrasings": asked.get("phrasings", [])})


def _round(
    subject: Subject, kind: str, share: float, clusters: Path, mixed: Callable[[PairText, PairText], PairText]
) -> Change:
    """Each of some pairs without blanks gets a part of the next one, the last of the first."""
    fixed = tuple(slug for slug, pair in subject.pairs.items() if not pair.pair.parameters)
    victims = subject.victims(kind, share, of=fixed)
    if len(victims) < 2:
        victims = subject.victims(kind, 1, of=fixed)[:2]
    if len(victims) < 2:
        return Change()
    texts = list(texts_of(subject, victims, clusters).values())
    pairs = zip(victims, texts, [*texts[1:], texts[0]], strict=True)
    return Change(files={file_of(subject, slug): str(mixed(own, next_)) for slug, own, next_ in pairs})
