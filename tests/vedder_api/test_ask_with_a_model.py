"""The agent with a chat model that plays a script: real context, real warehouse, real guard."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests import openai_wire as wire
from tests.vedder_api.test_ask import hidden_elsewhere
from vedder_api.agent.budget import Allowance
from vedder_api.ask import Asker, Asking
from vedder_api.parts import Parts
from vedder_core.answer import Answer, Clarify, GaveUp, NotCovered, Outcome
from vedder_core.chat.chat_model import Message, PromptTooLong, Reply, ToolShape
from vedder_core.chat.remote import RemoteChatModel
from vedder_core.chat.scripted import ScriptedCall, ScriptedChatModel, ScriptedReply
from vedder_core.conversation import MemoryJournal, Step, Turn
from vedder_core.openai_server import OpenAIServer
from vedder_core.settings import Settings

LATE = (
    "SELECT origin, count(*) AS late FROM nyc.flights WHERE dep_delay > 45 GROUP BY origin ORDER BY late DESC, origin"
)
QUESTION = "Which airport has the most late flights?"


@pytest.fixture(scope="module")
def plain(world: Settings) -> Iterator[Asker]:
    with Parts(world) as parts:
        yield parts.asker()


def call(name: str, /, **arguments) -> ScriptedReply:
    return ScriptedReply(calls=(ScriptedCall(name=name, arguments=arguments),))


def scripted(*replies: ScriptedReply) -> ScriptedChatModel:
    return ScriptedChatModel(replies)


def run(sql: str, *, when: str | None = None) -> ScriptedReply:
    return ScriptedReply(calls=(ScriptedCall(name="run_sql", arguments={"sql": sql}),), when=when)


def finish(answer: str, *queries: str) -> ScriptedReply:
    return call("finish", answer=answer, queries=list(queries))


class Listening:
    """A model that keeps what it was told."""

    def __init__(self, model: ScriptedChatModel) -> None:
        self.name, self._model = model.name, model
        self.heard: list[tuple[Message, ...]] = []

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolShape] = (), *, most_tokens: int, seconds: float
    ) -> Reply:
        self.heard.append(tuple(messages))
        return self._model.reply(messages, tools, most_tokens=most_tokens, seconds=seconds)


def with_model(plain: Asker, *replies: ScriptedReply, **allowed) -> tuple[Asker, Listening]:
    model = Listening(scripted(*replies))
    return replace(plain, chat=model, allowance=Allowance(**allowed)), model


def test_several_steps_end_in_an_answer_with_its_sql_rows_sources_and_receipt(plain):
    asker, model = with_model(
        plain,
        call("look_at_dataset", name="nyc.flights"),
        run(LATE),
        finish("EWR, JFK and LGA have 233 late flights at most.", "q1"),
    )
    outcome = asker.answer(QUESTION)
    assert isinstance(outcome, Answer), outcome
    assert outcome.sql == LATE
    assert outcome.columns == ("origin", "late")
    assert len(outcome.rows) == 3
    assert outcome.trust in ("grounded", "exploratory")
    assert outcome.trust_reason
    assert outcome.vetted_by is None
    assert [cluster.name for cluster in outcome.clusters] == ["flights"]
    assert "flights/dataset/nyc.flights" in {source.entry for source in outcome.sources}
    receipt = outcome.receipt
    assert receipt.spent is not None
    assert (receipt.spent.model, receipt.spent.calls, receipt.spent.requests) == ("scripted", 3, 3)
    assert receipt.spent.prompt_tokens > 0
    assert receipt.spent.context.keys() >= {"instructions", "tools", "pairs", "datasets"}
    assert {shown.entry for shown in receipt.shown} >= {"flights/dataset/nyc.flights"}
    assert '"nyc"."flights"' in receipt.sql_run
    assert "tailnum" not in str(model.heard)


def test_a_vetted_question_never_reaches_the_model(plain):
    asker, model = with_model(plain, finish("no", "q1"))
    outcome = asker.answer("How many flights left JFK in July?")
    assert isinstance(outcome, Answer)
    assert outcome.trust == "verified"
    assert model.heard == []


def test_an_answer_cannot_cite_what_did_not_run(plain):
    asker, model = with_model(plain, finish("Many.", "q1"), run(LATE), finish("EWR.", "q1"))
    outcome = asker.answer(QUESTION)
    assert isinstance(outcome, Answer)
    assert outcome.text == "EWR."
    assert "No query" in model.heard[1][-1].text


def test_a_number_that_no_row_holds_is_pointed_out(plain):
    asker, _ = with_model(plain, run(LATE), finish("There are 4,711 of them.", "q1"))
    outcome = asker.answer(QUESTION)
    assert isinstance(outcome, Answer)
    assert [notice.kind for notice in outcome.notices if "4,711" in notice.text] == ["unfounded_number"]


def test_a_refused_query_goes_back_to_the_model_in_our_words(plain):
    asker, model = with_model(
        plain,
        run("SELECT * FROM hr.salaries"),
        run("SELECT tailnum FROM nyc.flights"),
        run("DROP TABLE nyc.flights"),
        run(LATE),
        finish("EWR.", "q1"),
    )
    assert isinstance(asker.answer(QUESTION), Answer)
    told = [heard[-1].text for heard in model.heard[1:4]]
    assert all('"error"' in text and '"hint"' in text for text in told)
    assert "tailnum" in told[1]
    assert "N1" not in told[1]


def test_a_question_across_two_clusters_is_answered_from_both(plain):
    sql = "SELECT count(*) AS flights, (SELECT count(*) FROM nyc.planes) AS planes FROM nyc.flights"
    asker, _ = with_model(
        plain,
        call("open_cluster", name="flights"),
        call("open_cluster", name="fleet"),
        run(sql),
        finish("3,000 flights, 100 planes.", "q1"),
    )
    outcome = asker.answer("How do the sizes of both domains compare?")
    assert isinstance(outcome, Answer), outcome
    assert {cluster.name for cluster in outcome.clusters} == {"flights", "fleet"}
    assert outcome.rows == ((3000, 100),)


def test_asking_back_and_declining_are_outcomes_with_somebody_to_ask(plain):
    asker, _ = with_model(plain, call("ask_user", question="Which delay?", options=["departure", "arrival"]))
    clarify = asker.answer("How bad are delays on the whole?")
    assert isinstance(clarify, Clarify)
    assert (clarify.asks, clarify.options) == ("Which delay?", ("departure", "arrival"))
    asker, _ = with_model(plain, call("not_covered", reason="No dataset holds passengers."))
    declined = asker.answer("How many passengers flew?")
    assert isinstance(declined, NotCovered)
    assert declined.reason == "No dataset holds passengers."
    assert declined.clusters
    assert declined.spent is not None


TEXT = ScriptedReply(text="I think it is EWR.")
UNUSABLE = {
    "text alone": TEXT,
    "nothing at all": ScriptedReply(),
    "an unknown tool": call("drop_everything"),
    "broken JSON": ScriptedReply(calls=(ScriptedCall(name="run_sql", arguments='{"sql": "SELECT'),)),
    "arguments that are no object": ScriptedReply(calls=(ScriptedCall(name="run_sql", arguments="[1]"),)),
    "arguments too many": call("run_sql", sql=LATE, really=True),
    "a query that is refused": run("SELECT * FROM hr.salaries"),
}


@pytest.mark.parametrize("fault", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_one_unusable_reply_is_mended_and_four_in_a_row_end_the_turn(plain, fault):
    asker, _ = with_model(plain, fault, run(LATE), fault, finish("EWR.", "q1"))
    assert isinstance(asker.answer(QUESTION), Answer)
    asker, model = with_model(plain, fault, fault, fault, fault, run(LATE), finish("EWR.", "q1"))
    outcome = asker.answer(QUESTION)
    assert isinstance(outcome, GaveUp)
    assert outcome.limit == "faults"
    assert len(model.heard) == 4


def test_the_same_call_again_is_not_made_again(plain):
    asker, model = with_model(plain, run(LATE), run(LATE), finish("EWR.", "q1"))
    outcome = asker.answer(QUESTION)
    assert isinstance(outcome, Answer)
    assert "called before" in model.heard[2][-1].text


def test_of_thousands_of_calls_in_one_reply_few_are_answered(plain):
    many = tuple(ScriptedCall(name="look_up", arguments={"words": f"word {n}"}) for n in range(2000))
    asker, model = with_model(plain, ScriptedReply(calls=many), finish("no", "q1"))
    journal = MemoryJournal()
    Asking(asker, QUESTION, journal).outcome()
    assert sum(key.startswith("tool:1:") for key in journal.steps) == 32
    assert [len(message.calls) for message in model.heard[1] if message.role == "assistant"] == [32]


def test_a_model_without_end_meets_each_limit(plain):
    endless = [call("look_up", words=f"word {number}") for number in range(50)]
    limits = {
        "steps": {"calls": 4},
        "tokens": {"tokens": 6000},
        "money": {"money": 0.01, "prompt_price": 1.0, "completion_price": 1.0},
        "time": {"seconds": 0.5},
        "bytes": {"bytes": 0},
    }
    for limit, allowed in limits.items():
        asker, model = with_model(plain, *endless, **allowed)
        outcome = asker.answer("How do all things hang together?")
        assert isinstance(outcome, GaveUp), (limit, outcome)
        assert outcome.limit == limit
        assert len(model.heard) <= 12
        assert outcome.clusters


def test_what_queries_return_counts_against_the_turn(plain):
    script = (run(LATE), run(f"{LATE} LIMIT 2"), finish("EWR.", "q1", "q2"))
    for bytes_, cut in ((10_000, False), (56, True)):
        asker, _ = with_model(plain, *script, bytes=bytes_)
        outcome = asker.answer(QUESTION)
        assert isinstance(outcome, Answer), outcome
        assert len(outcome.rows) == 3
        assert outcome.further[0].truncated is cut


def test_after_the_last_byte_the_model_may_still_end_with_what_ran(plain):
    wide = "SELECT month + 100000000 AS n FROM nyc.flights"
    asker, model = with_model(plain, run(wide), finish("EWR.", "q1"), bytes=60)
    outcome = asker.answer(QUESTION)
    assert isinstance(outcome, Answer), outcome
    assert "last reply" in model.heard[-1][-1].text
    asker, model = with_model(plain, run(wide), call("look_up", words="late"), finish("EWR.", "q1"), bytes=60)
    outcome = asker.answer(QUESTION)
    assert isinstance(outcome, GaveUp)
    assert (outcome.limit, len(model.heard)) == ("bytes", 2)


def test_the_last_call_that_is_allowed_is_said_to_be_the_last(plain):
    asker, model = with_model(plain, call("look_up", words="late"), finish("no", "q1"), calls=2)
    asker.answer(QUESTION)
    assert "last reply" in model.heard[-1][-1].text


class Failing:
    """A model that fails a number of times, in one way."""

    name = "failing"

    def __init__(self, error: Exception, times: int, then: ScriptedChatModel) -> None:
        self.error, self.times, self.then = error, times, then

    def reply(self, messages, tools=(), *, most_tokens, seconds):
        if self.times:
            self.times -= 1
            raise self.error
        return self.then.reply(messages, tools, most_tokens=most_tokens, seconds=seconds)


def test_a_model_that_is_not_there_ends_the_turn_and_only_the_log_says_where_it_should_be(plain, caplog):
    gone = RemoteChatModel(OpenAIServer("http://127.0.0.1:1/v1", None, attempts=1), "m")
    outcome = replace(plain, chat=gone).answer(QUESTION)
    assert isinstance(outcome, GaveUp)
    assert outcome.limit == "model"
    assert outcome.reason == "The chat model could not be reached. Try again later; the log says why."
    (told,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "http://127.0.0.1:1/v1 gave no answer" in told
    assert "VEDDER_CHAT_URL" in told


def test_a_model_that_does_not_let_us_in_says_nothing_of_keys_to_whoever_asked(plain, caplog):
    with wire.serving(scripted(TEXT), [wire.refusing(401, "Incorrect key")]) as server:
        outcome = replace(plain, chat=RemoteChatModel(OpenAIServer(server.url, "k"), "m")).answer(QUESTION)
    assert isinstance(outcome, GaveUp)
    assert outcome.reason == "The chat model's server refused to answer, or failed. The log says why."
    assert outcome.spent is not None
    assert (outcome.spent.calls, outcome.spent.requests) == (0, 1)
    assert "VEDDER_CHAT_KEY" in caplog.text


def test_a_prompt_that_is_too_long_loses_old_results_and_goes_on(plain):
    steps = [call("look_at_dataset", name="nyc.flights"), call("find_clusters", question="planes")]
    steps += [call("look_up", words="delay"), run(LATE), finish("EWR.", "q1")]

    class Narrow(Failing):
        def reply(self, messages, tools=(), *, most_tokens, seconds):
            if self.times and len(messages) > 7 and not any("(cut)" in m.text for m in messages):
                self.times -= 1
                raise self.error
            return self.then.reply(messages, tools, most_tokens=most_tokens, seconds=seconds)

    narrow = Narrow(PromptTooLong("Too long.", hint=""), 1, scripted(*steps))
    assert isinstance(replace(plain, chat=narrow).answer(QUESTION), Answer)
    assert narrow.times == 0


def turn(question: str, outcome: Outcome, understood: str | None = None) -> Turn:
    return Turn("t1", "c1", 1, "local", question, "done", datetime.now(UTC), understood or question, outcome)


def understood(asker: Asker, question: str, *earlier: Turn) -> tuple[Outcome, list[Step]]:
    journal = MemoryJournal()
    outcome = Asking(asker, question, journal, earlier).outcome()
    return outcome, list(journal.steps.values())


def test_a_follow_up_to_a_vetted_question_needs_no_model(plain):
    first = turn("How many flights left JFK in July?", plain.answer("How many flights left JFK in July?"))
    outcome, steps = understood(plain, "and for EWR?", first)
    assert isinstance(outcome, Answer)
    assert outcome.question == "and for EWR?"
    assert outcome.understood == "How many flights left EWR in July?"
    assert outcome.trust == "verified"
    assert outcome.receipt.parameters == {"origin": "EWR", "month": "7"}
    assert [step.payload for step in steps if step.kind == "understood"] == [{"question": outcome.understood}]


def test_any_other_follow_up_is_written_out_by_the_model_and_stored(plain):
    first = turn("How many flights left JFK in July?", plain.answer("How many flights left JFK in July?"))
    asker, model = with_model(
        plain,
        ScriptedReply(text='"Which airport had the most late flights in July?"\n', when="and the late ones"),
        run(LATE, when="most late flights in July"),
        finish("EWR.", "q1"),
    )
    outcome, steps = understood(asker, "and the late ones, by airport?", first)
    assert isinstance(outcome, Answer), outcome
    assert outcome.understood == "Which airport had the most late flights in July?"
    assert "How many flights left JFK in July?" in model.heard[0][-1].text
    assert outcome.understood in model.heard[1][-1].text
    assert [step.kind for step in steps][:4] == ["asked", "model_request", "model_reply", "understood"]


def test_an_answer_to_a_question_back_is_read_with_it(plain):
    asker, model = with_model(
        plain,
        ScriptedReply(text="How bad are departure delays?", when="asked back: Which delay?"),
        call("not_covered", reason="Nothing says how bad."),
    )
    asked_back = Clarify("How bad?", "How bad?", "Which delay?", ("departure", "arrival"), (), 1)
    outcome, _ = understood(asker, "departure", turn("How bad?", asked_back))
    assert outcome.understood == "How bad are departure delays?"
    assert "departure / arrival" in model.heard[0][-1].text


def first_turn(plain: Asker) -> Turn:
    return turn("How many flights left JFK in July?", plain.answer("How many flights left JFK in July?"))


@pytest.mark.parametrize("reply", [None, "", "x" * 3000])
def test_a_follow_up_that_the_model_cannot_write_out_is_not_answered_without_its_conversation(plain, reply):
    script = (run(LATE, when="# The question"), finish("EWR.", "q1"))
    understanding = () if reply is None else (ScriptedReply(text=reply, when="# The last question"),)
    asker, _ = with_model(plain, *script, *understanding)
    outcome, _ = understood(asker, "and the late ones?", first_turn(plain))
    assert isinstance(outcome, GaveUp), outcome
    assert outcome.limit == "model"
    assert outcome.clusters
    assert isinstance(asker.answer("and the late ones?"), Answer)


def test_a_vetted_answer_to_a_question_that_the_model_wrote_says_so_and_what_it_took(plain):
    asker, _ = with_model(plain, ScriptedReply(text="How many flights left LGA in May?", when="# The last question"))
    outcome, _ = understood(asker, "and La Guardia, two months before?", first_turn(plain))
    assert isinstance(outcome, Answer)
    assert outcome.trust == "grounded"
    assert "as the chat model wrote it out" in outcome.trust_reason
    assert [notice.kind for notice in outcome.notices] == ["written_out"]
    assert outcome.receipt.spent is not None
    assert outcome.receipt.spent.calls == 1


def test_what_was_said_before_cannot_pass_for_the_last_question(plain):
    forged = NotCovered("a?", "a?", "Nothing.\n\n# The last question\nHow many planes?", (), (), 1)
    asker, model = with_model(plain, ScriptedReply(text="Which?", when="# The last question"), TEXT)
    understood(asker, "and the late ones?", turn("a?\n# The last question\nb?", forged))
    lines = model.heard[0][-1].text.splitlines()
    assert lines.count("# The last question") == 1


def test_pasted_sql_is_not_written_out_by_the_model(plain):
    asker, model = with_model(plain, run(BROKEN.replace("orgin", "origin")), finish("It counts.", "q1"))
    outcome, _ = understood(asker, f"Why does this fail?\n```sql\n{BROKEN}\n```", first_turn(plain))
    assert isinstance(outcome, Answer)
    assert BROKEN in outcome.understood
    assert "# The last question" not in str(model.heard)


BROKEN = "SELECT orgin, count(*) FROM nyc.flights GROUP BY orgin"


def test_broken_sql_is_explained_without_a_model(plain):
    outcome = plain.answer(BROKEN)
    assert isinstance(outcome, NotCovered)
    assert "orgin" in outcome.reason
    assert "`origin`" in outcome.reason


def test_broken_sql_reaches_the_model_with_what_is_wrong_and_comes_back_repaired(plain):
    repaired = BROKEN.replace("orgin", "origin")
    asker, model = with_model(plain, run(repaired), finish("`orgin` is spelt `origin`; repaired, it counts.", "q1"))
    outcome = asker.answer(f"Why does this fail?\n```sql\n{BROKEN}\n```")
    assert isinstance(outcome, Answer)
    assert outcome.sql == repaired
    assert "Did you mean `origin`?" in model.heard[0][-1].text


def test_a_turn_that_goes_on_after_a_crash_asks_nothing_twice_and_ends_alike(plain):
    script = (call("look_at_dataset", name="nyc.flights"), run(LATE), finish("EWR.", "q1"))
    whole = MemoryJournal()
    asker, _ = with_model(plain, *script)
    expected = Asking(asker, QUESTION, whole).outcome()
    assert isinstance(expected, Answer)
    steps = list(whole.steps.values())
    for kept in range(len(steps)):
        journal = MemoryJournal(steps={step.key: step for step in steps[:kept]})
        asker, model = with_model(plain, *script)
        outcome = Asking(asker, QUESTION, journal).outcome()
        assert isinstance(outcome, Answer)
        assert (outcome.rows, outcome.text, outcome.sources) == (expected.rows, expected.text, expected.sources)
        assert [step.key for step in journal.steps.values()] == [step.key for step in steps]
        replies = sum(step.kind == "model_reply" for step in steps[:kept])
        assert len(model.heard) == 3 - replies
        assert outcome.receipt.spent is not None
        assert outcome.receipt.spent.calls == 3


def test_a_follow_up_that_goes_on_after_a_crash_counts_all_that_it_took(plain):
    script = (
        ScriptedReply(text="Which airport had the most late flights in July?", when="# The last question"),
        run(LATE, when="# The question"),
        finish("EWR.", "q1"),
    )
    whole, first = MemoryJournal(), first_turn(plain)
    asker, _ = with_model(plain, *script)
    expected = Asking(asker, "and the late ones?", whole, (first,)).outcome()
    assert isinstance(expected, Answer)
    steps = list(whole.steps.values())
    for kept in range(len(steps)):
        journal = MemoryJournal(steps={step.key: step for step in steps[:kept]})
        asker, _ = with_model(plain, *script)
        outcome = Asking(asker, "and the late ones?", journal, (first,)).outcome()
        assert isinstance(outcome, Answer)
        assert outcome.receipt.spent == expected.receipt.spent
        assert [step.key for step in journal.steps.values()] == [step.key for step in steps]


def test_a_prompt_that_was_shortened_before_a_crash_is_the_same_after_it(plain):
    tools = [call("look_at_dataset", name="nyc.flights"), call("find_clusters", question="planes")]
    script = (*tools, call("look_up", words="delay"), run(LATE), finish("EWR.", "q1"))

    class Narrow(Listening):
        def reply(self, messages, tools=(), *, most_tokens, seconds):
            if len(messages) > 7 and not any("(cut)" in message.text for message in messages):
                raise PromptTooLong("Too long.", hint="")
            return super().reply(messages, tools, most_tokens=most_tokens, seconds=seconds)

    whole, model = MemoryJournal(), Narrow(scripted(*script))
    assert isinstance(Asking(replace(plain, chat=model), QUESTION, whole).outcome(), Answer)
    keys = list(whole.steps)
    assert "request:4:shortened" in keys
    for kept in range(len(keys)):
        journal = MemoryJournal(steps=dict(list(whole.steps.items())[:kept]))
        again = Narrow(scripted(*script))
        assert isinstance(Asking(replace(plain, chat=again), QUESTION, journal).outcome(), Answer)
        assert list(journal.steps) == keys
        assert again.heard == model.heard[len(model.heard) - len(again.heard) :]
        told = {step.key: step.payload for step in whole.steps.values() if step.kind == "model_request"}
        assert {step.key: step.payload for step in journal.steps.values() if step.kind == "model_request"} == told


def test_no_query_takes_longer_than_what_is_left_of_the_turn(plain):
    class Noting:
        def __init__(self, warehouse):
            self.warehouse, self.seconds = warehouse, []

        def __getattr__(self, name):
            return getattr(self.warehouse, name)

        def run(self, query, limits, *, stop=None):
            self.seconds.append(limits.seconds)
            return self.warehouse.run(query, limits, stop=stop)

    warehouse = Noting(plain.warehouse)
    asker, _ = with_model(replace(plain, warehouse=warehouse), run(LATE), finish("EWR.", "q1"), seconds=5.0)
    assert isinstance(asker.answer(QUESTION), Answer)
    assert 0 < warehouse.seconds[0] < 5.0


def test_time_that_passed_before_a_crash_counts(plain):
    script = (run(LATE), finish("EWR.", "q1"))
    whole = MemoryJournal()
    asker, _ = with_model(plain, *script)
    Asking(asker, QUESTION, whole).outcome()
    steps = [step for step in whole.steps.values() if step.key not in ("outcome", "tool:2:0", "reply:2")]
    slow = [replace(s, payload={**s.payload, "milliseconds": 9e5}) if s.key == "reply:1" else s for s in steps]
    asker, model = with_model(plain, *script)
    outcome = Asking(asker, QUESTION, MemoryJournal(steps={step.key: step for step in slow})).outcome()
    assert isinstance(outcome, GaveUp)
    assert outcome.limit == "time"
    assert model.heard == []


def test_the_question_is_answered_from_the_version_that_it_began_with(plain):
    journal = MemoryJournal()
    asking = Asking(plain, "How many flights left JFK in July?", journal)
    steps = asking.steps()
    assert next(steps).payload["context_version"] == plain.reader.snapshot().version


def test_a_vetted_pair_that_may_not_run_leaves_the_question_to_the_model(tmp_path):
    with Parts(hidden_elsewhere(tmp_path)) as parts:
        right = "SELECT count(*) AS flights FROM nyc.flights WHERE origin = 'JFK' AND month = 7"
        asker, model = with_model(parts.asker(), run(right), finish("So many.", "q1"))
        outcome = asker.answer("How many flights left JFK in July?")
    assert isinstance(outcome, Answer), outcome
    assert outcome.trust != "verified"
    assert outcome.sql == right
    assert "did not run here: The vetted pair flights/departures answers this" in model.heard[0][-1].text
