"""How much of the hidden space a set of vectors shares, through the matrix Q = sum_j v_j v_j^T.

Q is n_hidden x n_hidden, so a set of many vectors needs no table of their inner products. Only +, -, *,
/ and square roots are used, each in a fixed order, so the bits are the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.numerics.compiled import numba, part
from superpos.numerics.ordered import squared_norms

if TYPE_CHECKING:
    from jaxtyping import Float

EMPTY = 1e-10
"""An eigenvalue of Q counts as 0 if it is at most this share of the largest: rounding leaves about
1e-13 of it in directions in which all vectors are 0."""
SWEEPS = 30
"""The number of Jacobi sweeps over all pairs of axes, more than a symmetric matrix needs (usually six)."""


def energy(v: Float[np.ndarray, "run vector hidden"]) -> Float[np.ndarray, "run vector"]:
    """v_i^T Q v_i = sum_j (v_i . v_j)², j = i included."""
    summed: np.ndarray = _energy(np.ascontiguousarray(v, np.float64))
    return summed


def dimensionality(v: Float[np.ndarray, "run vector hidden"]) -> Float[np.ndarray, "run vector"]:
    """‖v_i‖⁴ / (v_i^T Q v_i); 0 if v_i = 0."""
    fourth, whole = np.square(squared_norms(v)), energy(v)
    found: np.ndarray = np.divide(fourth, whole, out=np.zeros_like(fourth), where=whole != 0)
    return found


def leverage_of(v: Float[np.ndarray, "run vector hidden"]) -> Float[np.ndarray, "run vector"]:
    """v_i^T Q⁺ v_i, with the pseudo-inverse of Q; the sum over i is the rank of the vectors."""
    scores: np.ndarray = _leverage(np.ascontiguousarray(v, np.float64))
    return scores


@numba.njit(cache=True)
def _energy(v):  # type: ignore[no-untyped-def]
    runs, vectors, hidden = v.shape
    summed = np.zeros((runs, vectors))
    for run in range(runs):
        q = _outer(v[run])
        for i in range(vectors):
            for k in range(hidden):
                product = 0.0
                for j in range(hidden):
                    product += q[k, j] * v[run, i, j]
                summed[run, i] += v[run, i, k] * product
    return summed


@numba.njit(cache=True)
def _leverage(v):  # type: ignore[no-untyped-def]
    runs, vectors, hidden = v.shape
    scores = np.zeros((runs, vectors))
    for run in range(runs):
        values, axes = _eigen(_outer(v[run]))
        for k in range(hidden):
            if values[k] > EMPTY * values.max():
                for i in range(vectors):
                    along = 0.0
                    for j in range(hidden):
                        along += axes[j, k] * v[run, i, j]
                    scores[run, i] += along * along / values[k]
    return scores


@part
def _outer(v):  # type: ignore[no-untyped-def]
    """Q [hidden, hidden] of vectors [vector, hidden]."""
    vectors, hidden = v.shape
    q = np.zeros((hidden, hidden))
    for i in range(vectors):
        for j in range(hidden):
            for k in range(hidden):
                q[j, k] += v[i, j] * v[i, k]
    return q


@part
def _eigen(q):  # type: ignore[no-untyped-def]
    """The eigenvalues of a symmetric matrix, which is overwritten, and its axes in the columns.

    Jacobi's method: one pair of axes after the other is turned until their entry of q is 0.
    """
    size = len(q)
    axes = np.eye(size)
    for _ in range(SWEEPS):
        for j in range(size):
            for k in range(j + 1, size):
                if q[j, k] != 0.0:
                    _turn(q, axes, j, k)
    return np.diag(q).copy(), axes


@part
def _turn(q, axes, j, k):  # type: ignore[no-untyped-def]
    """Turn the axes j and k by the smaller of the two angles that make q[j, k] = 0."""
    ratio = (q[k, k] - q[j, j]) / (2.0 * q[j, k])
    tangent = 1.0 / (abs(ratio) + np.sqrt(1.0 + ratio * ratio))
    tangent = -tangent if ratio < 0.0 else tangent
    cosine = 1.0 / np.sqrt(1.0 + tangent * tangent)
    sine = tangent * cosine
    for i in range(len(q)):
        q[i, j], q[i, k] = cosine * q[i, j] - sine * q[i, k], sine * q[i, j] + cosine * q[i, k]
        at, ak = axes[i, j], axes[i, k]
        axes[i, j], axes[i, k] = cosine * at - sine * ak, sine * at + cosine * ak
    for i in range(len(q)):
        q[j, i], q[k, i] = cosine * q[j, i] - sine * q[k, i], sine * q[j, i] + cosine * q[k, i]
    q[j, k] = q[k, j] = 0.0
