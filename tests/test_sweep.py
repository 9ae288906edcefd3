"""The sweep over MindSpore's functions: a sample of its rows, and the table that is stored."""

import fnmatch
from collections import Counter
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops
from sweep.public import by_reason, called, without_row
from sweep.reasons import CALLS, GIVEN, NAMES, OTHER
from sweep.row import ANY, Row, rows
from sweep.stored import line, reasons, stored_reasons, stored_words
from sweep.table import ROWS
from sweep.together import disagreements
from sweep.verdicts import ERROR, NOT_RUN, REFUSED, RIGHT, UNKNOWN, WRONG, verdict

from d2l_autograd import grad

STORED = stored_words()
SAMPLE = [row for row in ROWS[::23] if STORED.get(row.name) != (NOT_RUN,) * 3]


def test_each_row_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(row.name for row in ROWS).items() if count > 1] == []


def test_the_stored_table_has_the_rows_of_the_sweep() -> None:
    assert list(STORED) == [row.name for row in ROWS]
    assert {word for words in STORED.values() for word in words} <= {
        RIGHT, REFUSED, WRONG, ERROR, NOT_RUN, UNKNOWN
    }  # fmt: skip


def test_each_public_function_has_a_row_or_a_reason() -> None:
    missing = without_row(ROWS)
    assert missing - {name for names in by_reason(missing).values() for name in names} == set()


def test_no_reason_is_given_for_what_is_no_public_function_or_has_a_row() -> None:
    missing = without_row(ROWS)
    given = [set(fnmatch.filter(missing, one)) for text in NAMES.values() for one in text.split()]
    assert all(given)
    assert sum(map(len, given)) == len(set().union(*given))
    assert all(
        called(row) & missing for _, text in CALLS.values() for row in text.split("\n")[1:-1]
    )


def test_the_stored_reasons_are_those_of_the_sweep() -> None:
    assert stored_reasons() == reasons()


@pytest.mark.parametrize(
    ("holds", "row"),
    [(holds, row) for holds, text in CALLS.values() for row in rows(text, x=GIVEN, y=OTHER)],
    ids=lambda given: getattr(given, "name", ""),
)
def test_the_reason_is_true(holds: Any, row: Row) -> None:
    assert holds(row)


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row.name)
def test_verdict(row: Row) -> None:
    found = verdict(row)
    assert found.words == STORED[row.name], line(found)


OF_ITS_OWN_KIND = {
    "ops.relu(x) ** 3",
    "ops.glu(x)",
    "x.double() * x",
    "ops.stop_gradient(x * x) * x * x @ held constant",
    "mnp.multiply(x, y)",
    "ops.zeta(ms.Tensor(np.full(6, 2.5), x.dtype), x)",
}
TOGETHER = [
    row
    for number, row in enumerate(ROWS)
    if row.name in OF_ITS_OWN_KIND or (number % 37 == 0 and STORED.get(row.name, "")[0] == RIGHT)
]


@pytest.mark.parametrize("row", TOGETHER, ids=lambda row: row.name)
def test_what_is_computed_together_is_as_one_by_one(row: Row) -> None:
    """Jacobians, Hessians and per-sample gradients; tests/sweep/together.py tells how."""
    assert disagreements(row, is_twice=STORED[row.name][1] == RIGHT) == []


class Cubed(nn.Cell):
    """The cube of a tensor, with a derivative that is off by a factor."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def construct(self, x: Any) -> Any:
        return x * x * x

    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        return (dout * (3 * self.factor) * x * x,)


@pytest.mark.parametrize(
    ("factor", "words"),
    [(1.0, (RIGHT, RIGHT, RIGHT)), (1.001, (WRONG, UNKNOWN, UNKNOWN))],
)
def test_a_derivative_that_is_off_by_one_per_mille_is_wrong(
    factor: float, words: tuple[str, ...]
) -> None:
    (row,) = rows("cubed(x)", x=ANY, cubed=Cubed(factor))
    assert verdict(row).words == words


@pytest.mark.parametrize(("want", "word"), [((1, 0, -2), RIGHT), ((1, 0, -2.01), WRONG)])
def test_a_derivative_is_compared_with_what_is_wanted(want: Any, word: str) -> None:
    (row,) = rows("ops.tanh(x)", x=np.zeros(2), want=want)
    assert verdict(row).words == (RIGHT, RIGHT, word)


@pytest.mark.parametrize(
    ("dropout", "shape"),
    [(ops.dropout1d, (2, 3)), (ops.dropout2d, (1, 8, 2, 2)), (ops.dropout3d, (1, 8, 2, 2, 1))],
)
def test_dropout_of_channels_passes_the_gradient_where_it_passed_the_numbers(
    dropout: Any, shape: tuple[int, ...]
) -> None:
    def fn(x: Any) -> Any:
        y = dropout(x, 0.5)
        return y.sum(), y

    x = ms.Tensor(np.arange(1.0, np.prod(shape) + 1).reshape(shape), ms.float32)
    gradient, y = grad(fn, has_aux=True)(x)
    np.testing.assert_allclose(gradient.asnumpy(), y.asnumpy() / x.asnumpy(), rtol=1e-6)
