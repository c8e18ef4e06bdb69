"""A question that nobody covers is declined before the chat model hears of it; what may be covered reaches it."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests.subjects import SUBJECTS, publish_all
from vedder_api.ask import Asker, Asking
from vedder_api.evaluation.variants import Reduced
from vedder_core.answer import Answer, Clarify, NotCovered, Outcome
from vedder_core.calibration import Calibration, FastPath, OfCluster
from vedder_core.chat.scripted import ScriptedCall, ScriptedChatModel, ScriptedReply
from vedder_core.context.covered import WITNESSES
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.conversation import MemoryJournal, Turn
from vedder_core.embedder.hashed import HashedWords
from vedder_core.warehouse.warehouse import Limits, open_warehouse

STRANGE = "Which lawyer billed the most hours?"
ASKS_BACK = ScriptedReply(
    calls=(ScriptedCall(name="ask_user", arguments={"question": "Which one?", "options": []}),), when="# The question"
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def asker(tmp_path: Path):
    publish_all(ContextWriter(str(tmp_path / "context"), HashedWords()))
    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    with open_warehouse(f"duckdb:///{tmp_path / 'w.duckdb'}") as warehouse:
        reader = ContextReader(str(tmp_path / "context"), HashedWords())
        limits = Limits(seconds=30, rows=10, bytes=10_000)
        yield Asker(reader, HashedWords(), warehouse, limits, ScriptedChatModel((ASKS_BACK,)))


def calibrate(tmp_path: Path, threshold: float, fast_path: FastPath = FastPath()) -> None:  # noqa: B008 - frozen
    clusters = {name: OfCluster(threshold, 60, 0.9, fast_path) for name in SUBJECTS}
    found = Calibration(HashedWords().name, "a", NOW, WITNESSES, threshold=threshold, clusters=clusters)
    ContextWriter(str(tmp_path / "context"), HashedWords()).calibrate(found)


def test_a_strangers_question_is_declined_without_the_model_and_names_who_is_near(asker: Asker) -> None:
    outcome = asker.answer(STRANGE)
    assert isinstance(outcome, NotCovered), outcome
    assert outcome.spent is None
    assert outcome.reason.startswith("No cluster covers this question: even the nearest, ")
    assert "`lawyer`" in outcome.reason
    assert outcome.clusters
    assert outcome.pairs
    assert outcome.covered is not None
    assert outcome.covered.score < outcome.covered.threshold


def test_what_may_be_covered_reaches_the_model(asker: Asker) -> None:
    assert isinstance(asker.answer("How many pilots flew a plane with one engine?"), Clarify)


def test_without_a_chat_model_the_reason_is_the_words_and_the_score_is_told(asker: Asker) -> None:
    alone = Asker(asker.reader, asker.embedder, asker.warehouse, asker.limits)
    outcome = alone.answer(STRANGE)
    assert isinstance(outcome, NotCovered)
    assert "No vetted question" in outcome.reason
    assert outcome.covered is not None


@pytest.mark.parametrize("question", ["How many planes have a wing?", "Please tell me how many planes have a wing"])
def test_a_vetted_question_is_answered_whatever_the_threshold(asker: Asker, tmp_path: Path, question: str) -> None:
    calibrate(tmp_path, threshold=50.0)
    outcome = asker.answer(question)
    assert isinstance(outcome, Answer), outcome
    assert outcome.trust == "verified"


def test_a_follow_up_and_pasted_sql_go_to_the_model_whatever_the_threshold(asker: Asker, tmp_path: Path) -> None:
    calibrate(tmp_path, threshold=50.0)
    before: Outcome = asker.answer("How many planes have a wing?")
    earlier = Turn("t1", "c1", 1, "local", "How many?", "done", NOW, "How many planes have a wing?", before)
    rewritten = ScriptedReply(text="How many planes has the lawyer?", when="# The last question")
    asker = Asker(
        asker.reader, asker.embedder, asker.warehouse, asker.limits, ScriptedChatModel((rewritten, ASKS_BACK))
    )
    assert isinstance(Asking(asker, "and the lawyer?", MemoryJournal(), (earlier,)).outcome(), Clarify)
    again = Asker(asker.reader, asker.embedder, asker.warehouse, asker.limits, ScriptedChatModel((ASKS_BACK,)))
    assert isinstance(again.answer("SELECT lawyer FROM hours WHERE billed > 3"), Clarify)


def test_an_evaluation_without_pairs_still_asks_the_model(asker: Asker) -> None:
    reduced = Reduced(asker.reader.snapshot(), "no-pairs")
    bare = Asker(reduced, asker.embedder, asker.warehouse, asker.limits, ScriptedChatModel((ASKS_BACK,)))
    assert isinstance(bare.answer(STRANGE), Clarify)


def test_where_the_replay_met_wrong_pairs_an_answer_is_no_longer_verified(asker: Asker, tmp_path: Path) -> None:
    calibrate(tmp_path, threshold=-5.0, fast_path=FastPath(right=4, wrong=3, certainty=0.3))
    outcome = asker.answer("How many planes have a wing?")
    assert isinstance(outcome, Answer)
    assert outcome.trust == "grounded"
    assert "team_fleet" in outcome.trust_reason
