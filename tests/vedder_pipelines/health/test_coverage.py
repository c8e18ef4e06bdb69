"""Promises of coverage and of topics: what counts as answered, what is asked for, and what is not told."""

from dataclasses import replace

from tests.vedder_pipelines.health.samples import broken, pair, sound, turn, usage
from vedder_core.embedder.hashed import HashedWords
from vedder_pipelines.health.bounds import at_least
from vedder_pipelines.health.coverage import Coverage
from vedder_pipelines.health.score import measure


def read(facts):
    return Coverage().read(facts).value


def told(facts):
    return [remedy.text for remedy in Coverage().remedies(facts)]


def with_turns(facts, *turns):
    vectors = HashedWords().embed([one.question for one in turns])
    return replace(facts, usage=usage(*turns, vectors={one.turn: v for one, v in zip(turns, vectors, strict=True)}))


def grounded(count):
    return [turn(n, f"what of number {n}?") for n in range(count)]


def test_few_questions_are_not_measured_and_many_are_believed_more_than_some():
    assert read(with_turns(sound(), *grounded(4))) is None
    some, many = (read(with_turns(sound(), *grounded(count))) for count in (5, 50))
    assert 0.7 < some < many < 1
    assert some == at_least(5, 5)


def test_what_was_called_wrong_or_rests_on_little_or_had_no_answer_is_not_answered():
    failing = [
        turn("x", "x?", kind="not_covered"),
        turn("y", "y?", trust="exploratory"),
        turn("z", "z?", opinions=["bad"]),
        turn("g", "g?", kind="gave_up"),
    ]
    assert read(with_turns(sound(), *grounded(6), *failing)) == at_least(6, 10)


def test_a_question_back_is_no_failure_and_a_question_counts_once_a_person():
    often = [turn(f"o{n}", "what of others?", kind="not_covered") for n in range(9)]
    back = turn("b", "which one?", kind="clarify")
    assert read(with_turns(sound(), *grounded(5), *often, back)) == at_least(5, 6)


def test_an_answer_of_a_pair_that_is_gone_or_broken_is_no_answer_any_more():
    turns = [turn(n, f"and for number {n}?", trust="verified", sql=pair("a").sql) for n in range(10)]
    facts = with_turns(sound(("a", "b")), *turns)
    assert read(facts) == at_least(10, 10)
    assert read(replace(facts, judged={**facts.judged, "a": broken()})) == 0
    mended = facts.cluster.pairs[0].model_copy(update={"sql": "SELECT count(DISTINCT id) FROM a"})
    pairs = (mended, facts.cluster.pairs[1])
    assert read(replace(facts, cluster=facts.cluster.model_copy(update={"pairs": pairs}))) == at_least(10, 10)


def test_writing_the_pair_that_was_asked_for_answers_the_question():
    asked = [turn("n", "How late are trains?", kind="not_covered"), *grounded(5)]
    facts = with_turns(sound(), *asked)
    new = pair("late", question="How late are trains?")
    after = sound(("a", new))
    assert read(replace(after, usage=facts.usage)) == at_least(6, 6) > read(facts)


def unanswered(*questions):
    """By ada and bob in turn."""
    people = ("ada", "bob")
    return [turn(f"t{n}", question, kind="not_covered", caller=people[n % 2]) for n, question in enumerate(questions)]


def test_unanswered_questions_are_grouped_into_topics_and_the_largest_is_asked_for_first():
    questions = unanswered(
        "How many parcels were lost?",
        "How many parcels were lost in May?",
        "Which parcels were lost?",
        "What does electricity cost?",
        "What does the electricity cost a month?",
    )
    facts = with_turns(sound(), *questions)
    assert told(facts) == [
        "Write a pair for questions: lost, parcels, many (asked 3 times, by 2 people, not answered).",
        "Write a pair for questions: cost, electricity (asked 2 times, by 2 people, not answered).",
    ]
    first, second = measure(facts, context_version=1).actions()[:2]
    assert first.gain > second.gain > 0
    assert first.turn in {"t0", "t1", "t2"}


def test_a_word_that_one_person_said_and_no_curator_is_not_told():
    secret = unanswered("What does Mallory Canary earn?", "What does a clerk earn?", "What does Peter earn?")
    facts = with_turns(sound(docs=("peter",)), *secret, *grounded(5))
    everything = f"{told(facts)} {Coverage().read(facts)}".casefold()
    assert "canary" not in everything
    assert "mallory" not in everything
    assert "earn" in everything
