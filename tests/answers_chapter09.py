"""Answers to the exercises of chapter 9."""

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from d2l_autograd import detach, grad, jacobian, jvp, vjp


def contact(h: Any, e: Any) -> Any:
    return (1 + 2 * e) * ops.sqrt(h / 5)


def repeated(step: Any, x: Any, times: int) -> Any:
    for _ in range(times):
        x = step(x)
    return x


class Piece(nn.Cell):
    """Some steps, which are run again on the way back."""

    def __init__(self, step: Any, count: int, factor: float = 1.0, runs: int = 1) -> None:
        super().__init__()
        self.one, self.count, self.factor, self.runs = step, count, factor, runs

    def run(self, x: Any) -> Any:
        return repeated(self.one, x, self.count)

    def construct(self, x: Any) -> Any:
        return self.run(x)

    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        for _ in range(self.runs):
            pulled = vjp(self.run)(x, dout)
        return self.factor * pulled


class StepByStep(Piece):
    """The same, walked back by hand over states that are kept."""

    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        states = [x]
        for _ in range(self.count - 1):
            states.append(self.one(states[-1]))
        for state in reversed(states):
            dout = vjp(UNCOUNTED)(state, dout)
        return (dout,)


def UNCOUNTED(x: Any) -> Any:
    return x + 0.1 * ops.sin(2 * x) - 0.05 * x.sum()


def checkpointed(step: Any, x: Any, pieces: int, count: int) -> Any:
    return repeated(Piece(step, count), x, pieces)


def checkpointed_but_for_the_last(step: Any, x: Any, pieces: int, count: int) -> Any:
    return repeated(step, repeated(Piece(step, count), x, pieces - 1), count)


def carried(step: Any, x: Any, s: Any, count: int) -> Any:
    for _ in range(count):
        x, s = step(x), jvp(step)(x, s)
    return x, s


def carried_by_matrices(step: Any, x: Any, s: Any, count: int) -> Any:
    for _ in range(count):
        s = jacobian(step)(x) @ s
        x = step(x)
    return [x, s]


def carried_at_once(step: Any, x: Any, s: Any, count: int) -> Any:
    return repeated(step, x, count), jvp(lambda x: repeated(step, x, count))(x, s)


def carried_late(step: Any, x: Any, s: Any, count: int) -> Any:
    for _ in range(count):
        x = step(x)
        s = jvp(step)(x, s)
    return x, s


def carried_back(step: Any, x: Any, s: Any, count: int) -> Any:
    for _ in range(count):
        x, s = step(x), vjp(step)(x, s)
    return x, s


def carried_afresh(step: Any, x: Any, s: Any, count: int) -> Any:
    for _ in range(count):
        slope = jvp(step)(x, s)
        x = step(x)
    return x, slope


RIGHT: dict[str, list[Any]] = {
    "09.1": [22.94, ms.Tensor(22.9401), np.array([22.9401])],
    "09.2": [
        lambda h, e: (1 + 2 * e) / (2 * ops.sqrt(5 * h)),
        lambda h, e: (0.5 + float(e)) / np.sqrt(5 * float(h)),
        lambda h, e: contact(h, e) / (2 * h),
    ],
    "09.3": [[100, 200], (100.0, 200.0), np.array([100, 200])],
    "09.4": [
        checkpointed,
        checkpointed_but_for_the_last,
        lambda step, x, pieces, count: repeated(StepByStep(step, count), x, pieces),
    ],
    "09.5": [carried, carried_by_matrices, carried_at_once],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "09.1": [
        ("no_air", 300**0.5),
        ("no_air", 17.32),
        ("other_target", 19.872),
        ("lands", 30),
        ("landing", 40.47),
        ("number", 22.0),
        ("number", 23.5),
        ("not_value", lambda: 22.94),
    ],
    "09.2": [
        ("first", lambda h, e: 1 / (2 * ops.sqrt(5 * h))),
        ("once", lambda h, e: (1 + e) / (2 * ops.sqrt(5 * h))),
        ("value", contact),
        ("third", lambda h, e: (1 + 2 * e + 2 * e**2) / (2 * ops.sqrt(5 * h))),
        ("undivided", lambda h, e: (1 + 2 * e) / ops.sqrt(5 * h)),
        ("between", lambda h, e: e / ops.sqrt(5 * h)),
        ("swapped", lambda e, h: (1 + 2 * e) / (2 * ops.sqrt(5 * h))),
        ("forbidden", lambda h, e: grad(contact)(h, e)),
        ("values", lambda h, e: 2 * ops.sqrt(h / 5)),
    ],
    "09.3": [
        ("swapped", [200, 100]),
        ("starts", [100, 100]),
        ("all", [1, 10_001]),
        ("half", [5_000, 5_002]),
        ("plain", [10_000, 10_001]),
        ("some", [100, 300]),
        ("shape", 100),
    ],
    "09.4": [
        ("plain", lambda step, x, pieces, count: repeated(step, x, pieces * count)),
        ("whole", lambda step, x, pieces, count: Piece(step, pieces * count)(x)),
        (
            "too_often",
            lambda step, x, pieces, count: repeated(Piece(step, count, runs=2), x, pieces),
        ),
        ("values", lambda step, x, pieces, count: repeated(Piece(step, count), x, count)),
        ("values", lambda step, x, pieces, count: x),
        (
            "derivative",
            lambda step, x, pieces, count: repeated(Piece(step, count, 0.5), x, pieces),
        ),
        ("derivative", lambda step, x, pieces, count: detach(checkpointed(step, x, pieces, count))),
        ("returns_shape", lambda step, x, pieces, count: step(x).sum()),
        ("returns_nothing", lambda step, x, pieces, count: None),
    ],
    "09.5": [
        ("late", carried_late),
        ("turned", carried_back),
        ("renewed", carried_afresh),
        ("swapped", lambda *args: carried(*args)[::-1]),
        ("frozen", lambda step, x, s, count: (repeated(step, x, count), s)),
        ("one", lambda step, x, s, count: carried(step, x, s, 1)),
        ("values", lambda step, x, s, count: carried(step, x, 2 * s, count)),
        ("returns_shape", lambda step, x, s, count: carried(step, x, s, count)[1]),
    ],
}

# What no hint may say.
SECRETS = {
    "09.1": ["22."],
    "09.2": ["sqrt", "2e"],
    "09.3": ["√", "200"],
    "09.4": ["vjp", "bprop", "Cell"],
    "09.5": ["jvp"],
}
