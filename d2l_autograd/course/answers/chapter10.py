"""The exercises of chapter 10, Many machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.course.answers.checkers import (
    TOLERANCE,
    Array,
    Function,
    as_function,
    as_numbers,
    same_array,
    same_number,
)
from d2l_autograd.course.answers.exercise import Exercise, Wrong

_EIGHT = Exercise(
    same_number(
        1.0,
        traps={
            "plain": 2.0,
            "swapped": 3.0,
            "sum": 8.0,
            "sum_of_means": 4.0,
            "sign": 3.5,
        },
    ),
    {
        "plain": {
            "en": "This is the plain mean of the two. But five samples weigh more than three.",
            "zh": "这是两个数的普通平均。可是五个样本比三个样本分量重。",
        },
        "swapped": {
            "en": "The weights are swapped: which of the gradients belongs to five samples?",
            "zh": "权重用反了：哪个梯度是五个样本的？",
        },
        "sum": {
            "en": "This is the sum over all samples. The loss is their mean.",
            "zh": "这是对所有样本的和。损失是它们的平均值。",
        },
        "sum_of_means": {
            "en": "Not this number. What do all samples of the first machine add up to, and all of "
            "the second?",
            "zh": "不是这个数。第一台机器的所有样本加起来是多少，第二台呢？",
        },
        "sign": {
            "en": "The second gradient is negative.",
            "zh": "第二个梯度是负的。",
        },
    },
)


def _check_shard(answer: Any) -> str | None:
    fn = as_function(answer)
    for n, ranks in ((12, 3), (10, 4), (7, 7), (3, 5), (1000, 6)):
        shards = [_numbers_of(fn(n, rank, ranks)) for rank in range(ranks)]
        together = sorted(number for numbers in shards for number in numbers)
        if together != list(range(n)):
            return _amiss(together, n)
        sizes = [len(numbers) for numbers in shards]
        if max(sizes) - min(sizes) > 1:
            return "uneven"
    return None


def _numbers_of(found: Any) -> list[int]:
    """Return the numbers of the samples of one shard, of which there may be none."""
    if isinstance(found, (list, tuple, range, set)):
        found = list(found)
        if not found:
            return []
    numbers = as_numbers(found, refusal="returns_no_list", nothing="returns_nothing")
    if numbers.ndim != 1:
        raise Wrong("returns_no_list")
    if not np.array_equal(numbers, numbers.round()):
        raise Wrong("no_whole_numbers")
    return [int(number) for number in numbers]


def _amiss(together: list[int], n: int) -> str:
    """Say how the samples of all ranks differ from 0 to n - 1."""
    if together == list(range(1, n + 1)):
        return "from_one"
    if together and not 0 <= together[0] <= together[-1] < n:
        return "outside"
    if len(set(together)) < len(together):
        return "twice"
    return "missing"


_SHARD = Exercise(
    _check_shard,
    {
        "from_one": {
            "en": "The samples are numbered from 0: the last one is n - 1.",
            "zh": "样本从 0 开始编号，最后一个是 n - 1。",
        },
        "outside": {
            "en": "There are numbers below 0 or above n - 1 in it, and no such samples. Try 3 "
            "samples and 5 ranks.",
            "zh": "其中有小于 0 或大于 n - 1 的编号，没有这样的样本。用 3 个样本、5 个 rank 试试。",
        },
        "twice": {
            "en": "Some sample belongs to two ranks, and would be counted twice.",
            "zh": "有的样本归了两个 rank，会被算两次。",
        },
        "missing": {
            "en": "Some sample belongs to no rank. What happens to the rest when ranks does not "
            "divide n?",
            "zh": "有的样本不归任何 rank。ranks 除不尽 n 时，剩下的到哪里去了？",
        },
        "uneven": {
            "en": "Every sample belongs to one rank, but one rank has at least two more than "
            "another. Share out the rest as well.",
            "zh": "每个样本都只归一个 rank，但有的 rank 比别的至少多两个。剩下的也要分摊。",
        },
        "returns_no_list": {
            "en": "A list of numbers is asked for, such as [0, 4, 8].",
            "zh": "要返回的是编号的列表，例如 [0, 4, 8]。",
        },
        "no_whole_numbers": {
            "en": "The numbers of samples are whole numbers: // divides without a remainder.",
            "zh": "样本的编号是整数：整除用 //。",
        },
    },
)


class _Asked(BaseException):
    """A rank has called all_reduce, and waits for the sum."""

    def __init__(self, tensor: Any) -> None:
        super().__init__()
        self.tensor = tensor


_MOST_SUMS = 20
_SHARDS = [  # the mean gradient on each rank, and the size of its shard
    (np.array([3.0, -1.0, 0.5]), 2),
    (np.array([-2.0, 4.0, 1.5]), 5),
    (np.array([0.5, 0.25, -8.0]), 1),
]


def _on_all_ranks(fn: Function) -> Array:
    """Return what fn returns on each rank, one row each.

    The ranks run one after the other, as far as the first sum that is not known yet; once all
    have got there, it is, and they run again.
    """
    sums: list[Any] = []
    while len(sums) <= _MOST_SUMS:
        found = [_on_one_rank(fn, g, n, sums) for g, n in _SHARDS]
        asked = [one.tensor for one in found if isinstance(one, _Asked)]
        if not asked:
            rows = [as_numbers(one, refusal="returns_no_numbers") for one in found]
            if any(row.shape != g.shape for row, (g, _) in zip(rows, _SHARDS, strict=True)):
                raise Wrong("returns_shape")
            return np.stack(rows)
        if len(asked) < len(_SHARDS):
            raise Wrong("left_out")
        if not all(isinstance(tensor, ms.Tensor) for tensor in asked):
            raise Wrong("no_tensor")
        if len({tensor.shape for tensor in asked}) > 1:
            raise Wrong("unlike")
        sums.append(sum(tensor.asnumpy().astype(float) for tensor in asked))
    raise Wrong("without_end")


def _on_one_rank(fn: Function, g: Array, n: int, sums: list[Any]) -> Any:
    left = iter(sums)

    def all_reduce(x: Any) -> Any:
        known = next(left, None)
        if known is None:
            raise _Asked(x)
        return ms.Tensor(known)

    try:
        found = fn(ms.Tensor(g), n, all_reduce)
    except _Asked as asked:
        return asked
    if found is None:
        raise Wrong("returns_nothing")
    if found is ...:
        raise Wrong("unanswered")
    return found


_OFTEN: dict[str, Callable[[Any, int, Function], Any]] = {
    "plain": lambda g, n, add: add(g) / add(ms.Tensor(1.0)),
    "own": lambda g, n, add: g,
    "not_divided": lambda g, n, add: add(n * g),
    "sum_of_means": lambda g, n, add: add(g),
    "own_count": lambda g, n, add: add(n * g) / n,
    "by_ranks": lambda g, n, add: add(n * g) / add(ms.Tensor(1.0)),
    "not_weighted": lambda g, n, add: add(g) / add(ms.Tensor(float(n))),
}


def _check_gradient_of_all(answer: Any) -> str | None:
    given = _on_all_ranks(as_function(answer))
    right = np.average([g for g, _ in _SHARDS], axis=0, weights=[n for _, n in _SHARDS])
    if np.allclose(given, right, rtol=TOLERANCE):
        return None
    for key, often in _OFTEN.items():
        if np.allclose(given, _on_all_ranks(often), rtol=TOLERANCE):
            return key
    return "values"


_GRADIENT_OF_ALL = Exercise(
    _check_gradient_of_all,
    {
        "plain": {
            "en": "Right for shards of the same size. Here they may differ.",
            "zh": "分片一样大时是对的。这里的分片可以不一样大。",
        },
        "own": {
            "en": "This is the gradient of the rank's own shard. The others are missing.",
            "zh": "这是自己那个分片的梯度，还缺别的。",
        },
        "not_divided": {
            "en": "This is the sum over all samples. How many are there on all ranks together?",
            "zh": "这是对所有样本的和。所有 rank 上一共有多少个样本？",
        },
        "sum_of_means": {
            "en": "These are means that are added up. Each of them stands for n samples.",
            "zh": "这是把平均值加起来了。每个平均值代表 n 个样本。",
        },
        "own_count": {
            "en": "The sum is right, and divided by the size of the rank's own shard. No rank "
            "knows by itself how many samples there are in all.",
            "zh": "和是对的，除的却是自己分片的大小。一共有多少样本，哪个 rank 自己都不知道。",
        },
        "by_ranks": {
            "en": "The sum is right, divided by the number of ranks. How many samples are there?",
            "zh": "和是对的，除的却是 rank 的个数。样本有多少个？",
        },
        "not_weighted": {
            "en": "The divisor is right. What is added up has to be the sums over the shards, and "
            "g is a mean.",
            "zh": "除数是对的。加起来的应当是各分片的和，而 g 是平均值。",
        },
        "left_out": {
            "en": "Some rank calls all_reduce less often than another, which waits for ever. "
            "Every rank has to take part in every sum.",
            "zh": "有的 rank 调用 all_reduce 的次数比别的少，别的就会永远等下去。"
            "每一次求和，所有 rank 都要参加。",
        },
        "no_tensor": {
            "en": "all_reduce takes tensors. A number becomes one by ms.Tensor(float(n)).",
            "zh": "all_reduce 接受张量。数要先写成 ms.Tensor(float(n))。",
        },
        "unlike": {
            "en": "The ranks call all_reduce with tensors of different shapes, which cannot be "
            "added.",
            "zh": "各 rank 交给 all_reduce 的张量形状不同，无法相加。",
        },
        "without_end": {
            "en": "all_reduce is called without end. Two sums are enough.",
            "zh": "all_reduce 没完没了地被调用。求两次和就够了。",
        },
    },
)

_FILLED_UP = Exercise(
    same_array(
        [1 / 6, 1 / 12],
        traps={
            "as_it_should_be": [0.1, 0.1],
            "of_ten": [0.2, 0.1],
            "counts": [2.0, 1.0],
            "swapped": [1 / 12, 1 / 6],
            "once": [1 / 12, 1 / 12],
            "in_the_shard": [2 / 3, 1 / 3],
            "own_shard": [1 / 3, 1 / 3],
        },
    ),
    {
        "as_it_should_be": {
            "en": "So it should be. But two samples are there twice.",
            "zh": "本来应当这样。可是有两个样本出现了两次。",
        },
        "of_ten": {
            "en": "Sample 0 counts twice, that is right. Over how many is the mean now?",
            "zh": "样本 0 算了两次，这是对的。现在的平均值是对多少个取的？",
        },
        "counts": {
            "en": "So often each is there. Now as a part of all that are there.",
            "zh": "这是各自出现的次数。请写成占总数的比例。",
        },
        "swapped": {
            "en": "The right two numbers in the wrong order: the first samples are there twice.",
            "zh": "两个数对了，次序反了：出现两次的是开头的样本。",
        },
        "once": {
            "en": "Right for sample 9. Sample 0 is on two machines.",
            "zh": "样本 9 是对的。样本 0 在两台机器上。",
        },
        "in_the_shard": {
            "en": "This is the part of a machine's three. The four machines are averaged as well.",
            "zh": "这是在一台机器的三个样本里所占的比例。四台机器还要再平均。",
        },
        "own_shard": {
            "en": "This is the part of a machine's three. The four machines are averaged as well, "
            "and sample 0 is on two of them.",
            "zh": "这是在一台机器的三个样本里所占的比例。四台机器还要再平均，"
            "而样本 0 在其中两台上。",
        },
    },
)

_FASTEST = Exercise(
    same_number(
        80.0,
        tolerance=6e-3,
        traps={
            "no_root": 6400.0,
            "one_message": 12800.0**0.5,
            "half": 40.0,
            "milliseconds": (1.28 / 0.2) ** 0.5,
            "time": 1.28 / 80 + 2 * 79 * 1e-4,
            "gain": 1.28 / (1.28 / 80 + 2 * 79 * 1e-4),
        },
    ),
    {
        "no_root": {
            "en": "This is the square of the number.",
            "zh": "这是所求数的平方。",
        },
        "one_message": {
            "en": "Nearly: each machine more costs two messages.",
            "zh": "差一点：每多一台机器，要多两条消息。",
        },
        "half": {
            "en": "Half of them. With this number the work still takes four times as long as the "
            "messages.",
            "zh": "少了一半。用这么多台时，计算所用的时间仍是通信的四倍。",
        },
        "milliseconds": {
            "en": "Seconds and milliseconds are mixed up.",
            "zh": "秒和毫秒混在一起了。",
        },
        "time": {
            "en": "So long does the step take then, in seconds. Asked is with how many machines.",
            "zh": "这是那时走一步的秒数。题目问的是多少台机器。",
        },
        "gain": {
            "en": "So many times as fast is it then. Asked is with how many machines.",
            "zh": "这是那时快到几倍。题目问的是多少台机器。",
        },
    },
)

EXERCISES = {
    "10.1": _EIGHT,
    "10.2": _SHARD,
    "10.3": _GRADIENT_OF_ALL,
    "10.4": _FILLED_UP,
    "10.5": _FASTEST,
}
