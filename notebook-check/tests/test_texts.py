"""When two texts with numbers in them count as the same."""

import math
import signal
from collections.abc import Iterator

import pytest

from notebook_check.compare.texts import MOST_MARKS, compare_texts, normalise
from notebook_check.tolerance import Tolerance

pytestmark = pytest.mark.quick

SAME = [
    # the rounding of float32 and float64
    ("6.12e-17", "6.13e-17"),
    ("6.12e-17", "-6.12e-17"),
    ("1.192093e-07", "0.0"),
    ("loss 0.6931472", "loss 0.6931475"),
    ("[1234.5671 0.5]", "[1234.5682 0.5]"),
    ("-3.1415927", "-3.1415925"),
    ("(1.5+2.500001j)", "(1.5+2.5j)"),
    ("took 0.500001s", "took 0.5s"),
    ("1e-3 of it", "0.001 of it"),
    # numbers set in columns
    ("[1.        2.0000002]", "[1. 2.]"),
    ("[[1, 2],\n [3, 4]]", "[[1,2], [3,4]]"),
    ("[ 0.5 -0.5]", "[0.5 -0.5]"),
    ("    9.9999999 |", "   10.0000000 |"),
    ("0.1   |", "0.1000001 |"),
    # tensors of several versions
    (
        "Tensor(shape=[2], dtype=Float32, value= [ 1.00000000e+00,  2.00000000e+00])",
        "Tensor(shape=[2], dtype=float32, value=[1.00000000e+00, 2.00000000e+00])",
    ),
    ("value=\n[[1, 2],\n [3, 4]])", "value= [[1, 2], [3, 4]])"),
    ("mindspore.float32", "Float32"),
    (
        "BFloat16 Bool Int64 UInt8",
        "mindspore.bfloat16 mindspore.bool mindspore.int64 mindspore.uint8",
    ),
    ("Parameter (name=w, shape=(2, 3))", "Parameter(name=w, shape=(2, 3))"),
    ("/tmp/ipykernel_12/3.py:1: W", "/tmp/ipykernel_345/3.py:1: W"),
    # no numbers, or the same ones
    ("nan inf -inf", "nan inf -inf"),
    ("sum 12345678901234567890", "sum 12345678901234567890"),
    ("", ""),
]

DIFFERENT = [
    # size
    ("1.000", "1.001"),
    ("6.13e-05", "6.12e-04"),
    ("0.25", "0.2501"),
    ("1e-3", "1e-4"),
    # sign
    ("1.0", "-1.0"),
    ("x-5.0", "x+5.0"),
    ("1.5+2.5j", "1.5-2.5j"),
    ("[0.5 -0.5]", "[0.5 0.5]"),
    # whole numbers are exact
    ("3", "4"),
    ("1000000", "1000001"),
    ("There are 1000000.", "There are 1000001."),
    ("1", "1.0"),
    ("007", "7"),
    # nan and inf
    ("nan", "1.0"),
    ("inf", "-inf"),
    ("inf", "1e308"),
    ("1e999", "2e999"),
    # structure
    ("shape=[2, 3]", "shape=[2, 4]"),
    ("shape=[2, 3]", "shape=[3, 2]"),
    ("(2, 3)", "(2, 3, 1)"),
    ("[1. 2.]", "[1. 2. 3.]"),
    ("[1. 2. 3.]", "[1. 2.]"),
    ("[[1. 2.]]", "[1. 2.]"),
    ("[1, 2]", "[1 2]"),
    ("(1.0, 2.0)", "[1.0, 2.0]"),
    ("Float32", "Float64"),
    # everything else
    ("loss 0.5", "Loss 0.5"),
    ("2.10.0", "2.1.0"),
    ("12e4f", "13e4f"),
    ("0e1234", "0e1235"),
    ("f32", "f64"),
    ("a  b", "a b"),
    ("a  1.0", "a 1.0"),
    ("a\n1.0", "a 1.0"),
    ("1.0\n\n2.00001", "1.00001\n2.0"),
    ("['a  b']", "['a b']"),
    ("done", "done\n"),
    ("done", ""),
    ("导数 1.0", "梯度 1.0"),
]


@pytest.mark.parametrize(("stored", "new"), SAME)
def test_same(stored: str, new: str) -> None:
    assert compare_texts(normalise(stored), normalise(new), Tolerance()) == []
    assert compare_texts(normalise(new), normalise(stored), Tolerance()) == []


@pytest.mark.parametrize(("stored", "new"), DIFFERENT)
def test_different(stored: str, new: str) -> None:
    assert compare_texts(normalise(stored), normalise(new), Tolerance())
    assert compare_texts(normalise(new), normalise(stored), Tolerance())


@pytest.mark.parametrize(
    ("stored", "new", "found"),
    [
        ("a 0.25 b", "a 0.5 b", [("0.25", "0.5", "rel. 1.0e+00")]),
        (
            "[1.0 2.0 3.0]",
            "[1.5 2.0 4.5]",
            [("1.0", "1.5", "rel. 5.0e-01"), ("3.0", "4.5", "rel. 5.0e-01")],
        ),
        ("0.0", "1.0", [("0.0", "1.0", "number")]),
        ("nan", "1.0", [("nan", "1.0", "number")]),
        ("1", "1.0", [("1", "1.0", "whole or not")]),
        ("x 1.0 y 2.0", "z 1.5 y 2.5", [("x", "z", "text")]),
        ("1.0", "1.0 2.0", [("", "2.0", "added")]),
        ("1.0 2.0", "1.0", [("2.0", "", "missing")]),
    ],
)
def test_marks(stored: str, new: str, found: list[tuple[str, str, str]]) -> None:
    marks = compare_texts(stored, new, Tolerance())
    assert [(stored[slice(*m.stored)], new[slice(*m.new)], m.note) for m in marks] == found


def test_marks_are_bounded() -> None:
    assert len(compare_texts("1.0 " * 1000, "2.0 " * 1000, Tolerance())) == MOST_MARKS


@pytest.mark.parametrize(
    ("tolerance", "a", "b", "close"),
    [
        (Tolerance(), 1.0, 1.00009, True),
        (Tolerance(), 1.0, 1.00011, False),
        (Tolerance(), 0.0, 1e-6, True),
        (Tolerance(), 0.0, 1.1e-6, False),
        (Tolerance(rtol=0, atol=0), 1.0, 1.0, True),
        (Tolerance(rtol=0, atol=0), 1.0, math.nextafter(1.0, 2.0), False),
        (Tolerance(rtol=0.5), 1.0, 1.9, True),
        (Tolerance(rtol=0.5), 1.0, -1.0, False),
        (Tolerance(), math.nan, math.nan, True),
        (Tolerance(), math.nan, 0.0, False),
        (Tolerance(), math.inf, math.inf, True),
        (Tolerance(), math.inf, -math.inf, False),
        (Tolerance(), math.inf, 1e308, False),
    ],
)
def test_close(tolerance: Tolerance, a: float, b: float, close: bool) -> None:
    assert tolerance.close(a, b) is close
    assert tolerance.close(b, a) is close


@pytest.mark.parametrize(
    "wrong", [{"rtol": 1.0}, {"rtol": -0.1}, {"rtol": math.nan}, {"atol": -1}, {"atol": math.inf}]
)
def test_tolerance_that_everything_passes_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Tolerance(**wrong)


@pytest.fixture
def within_minutes() -> Iterator[None]:
    """Fail what would run for hours: nothing here takes a hundredth of these five minutes."""

    def stop(*_: object) -> None:
        raise TimeoutError("not done after five minutes")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(300)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("within_minutes")
@pytest.mark.parametrize("piece", ["1 ", "-", "9", "1.", "1.1e", " ", "[", "]", "é", "\n"])
def test_time_grows_with_the_text_alone(piece: str) -> None:
    """A long text is compared at once, whatever it is made of."""
    text = piece * (100_000 // len(piece))
    assert compare_texts(normalise(text + "a"), normalise(text + "b"), Tolerance())
