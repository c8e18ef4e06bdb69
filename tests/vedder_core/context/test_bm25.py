from collections import Counter

import numpy as np

from vedder_core.context.bm25 import BM25, stems


def test_words_are_compared_without_case_endings_and_underscores() -> None:
    assert stems("Departures: dep_delay, DELAYED (Zürich)") == ["departur", "dep", "delay", "delay", "zürich"]


def test_a_rare_word_weighs_more_than_one_that_every_document_has() -> None:
    documents = [Counter(stems(text)) for text in ("flights delay", "flights wind", "flights wind gust")]
    scores = BM25(documents).scores(stems("flights with delays"))
    assert scores.argmax() == 0
    assert np.isclose(scores[1], scores[2], rtol=0.1)
    assert scores[0] > 3 * scores[1] > 0


def test_unknown_words_and_empty_documents_score_nothing() -> None:
    assert BM25([Counter(), Counter("a")]).scores(["zyzzyva"]).tolist() == [0.0, 0.0]
