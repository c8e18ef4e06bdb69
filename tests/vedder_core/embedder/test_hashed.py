import numpy as np

from vedder_core.embedder.hashed import HashedWords


def test_the_same_text_has_the_same_unit_vector_on_every_machine() -> None:
    vector = HashedWords().embed(["flights out of JFK"])[0]
    assert vector.dtype == np.float32
    assert np.isclose(np.linalg.norm(vector), 1)
    assert np.flatnonzero(vector)[:5].tolist() == [0, 9, 53, 58, 73]


def test_shared_words_and_word_stems_bring_texts_nearer() -> None:
    asked, near, far = HashedWords().embed(["flights from JFK", "the JFK flight", "wind gusts by month"])
    assert asked @ near > 0.5 > asked @ far


def test_a_text_without_words_still_has_a_unit_vector() -> None:
    assert np.allclose(np.linalg.norm(HashedWords().embed(["", "?!"]), axis=1), 1)


def test_no_texts_are_no_vectors() -> None:
    assert HashedWords().embed([]).shape == (0, 512)
