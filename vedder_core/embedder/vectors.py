"""What every embedder gives: vectors of length 1."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def unit(vectors: Vectors) -> Vectors:
    """The same directions with length 1, as float32; a zero vector points along the first axis instead of nowhere."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    vectors[lengths[:, 0] == 0, 0] = 1
    return vectors.astype(np.float32, copy=False)
