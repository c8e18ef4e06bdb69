import numpy as np

from vedder_core.context.bm25 import BM25, said_in
from vedder_core.context.lance import telling, words_of


def bm25(*texts: str) -> BM25:
    return BM25(said_in(texts), np.arange(len(texts)), size=len(texts), length_weight=0.75)


def test_words_are_compared_without_case_endings_accents_and_underscores() -> None:
    words = words_of("The departures: dep_delay, DELAYED (Zürich)")
    assert words == ["the", "departur", "dep", "delay", "delay", "zurich"]
    assert telling(words) == {"departur", "dep", "delay", "zurich"}


def test_the_commonest_words_of_the_language_can_be_left_out() -> None:
    said = said_in(["all of the flights", "the wind"]).telling()
    scores = BM25(said, np.arange(2), size=2, length_weight=0.75).scores(words_of("all of the"))
    assert said.texts.tolist() == [0, 1]
    assert scores.tolist() == [0, 0]


def test_a_rare_word_weighs_more_than_one_that_every_document_has() -> None:
    scores = bm25("flights delay", "flights wind", "flights wind gust").scores(words_of("flights with delays"))
    assert scores.argmax() == 0
    assert np.isclose(scores[1], scores[2], rtol=0.2)
    assert scores[0] > 3 * scores[1] > 0


def test_a_word_that_is_asked_twice_counts_twice() -> None:
    held = bm25("flights delay", "wind gust")
    assert np.allclose(held.scores(["delay", "delay"]), 2 * held.scores(["delay"]))


def test_several_texts_make_one_document() -> None:
    said = said_in(["flights delay", "flights wind", "carriers"])
    scores = BM25(said, np.array([0, 0, 1]), size=2, length_weight=0.3).scores(["flight", "wind"])
    assert scores[0] > 0 == scores[1]


def test_unknown_words_and_empty_documents_score_nothing() -> None:
    assert bm25("", "delay").scores(["zyzzyva"]).tolist() == [0.0, 0.0]
    assert bm25("", "").scores(["delay"]).tolist() == [0.0, 0.0]
