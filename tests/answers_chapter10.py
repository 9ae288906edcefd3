"""Answers to the exercises of chapter 10."""

from typing import Any

import mindspore as ms
import numpy as np


def one() -> ms.Tensor:
    return ms.Tensor(1.0)


def in_blocks(n: int, rank: int, ranks: int) -> range:
    """Shards that follow each other, the larger ones first."""
    size, rest = divmod(n, ranks)
    first = rank * size + min(rank, rest)
    return range(first, first + size + (rank < rest))


def of_all(g: Any, n: int, add: Any) -> Any:
    return add(n * g) / add(ms.Tensor(float(n)))


def count_first(g: Any, n: int, add: Any) -> Any:
    total = float(add(ms.Tensor([float(n)]))[0])
    return add(g * (n / total))


def in_one_sum(g: Any, n: int, add: Any) -> Any:
    together = add(ms.Tensor(np.append(n * g.asnumpy(), n)))
    return together[:-1] / together[-1]


def only_large_shards(g: Any, n: int, add: Any) -> Any:
    return add(n * g) / 8 if n > 1 else g


def for_ever(g: Any, n: int, add: Any) -> Any:
    while True:
        g = add(g)


RIGHT: dict[str, list[Any]] = {
    "10.1": [1, 1.0, ms.Tensor(1.0)],
    "10.2": [
        lambda n, rank, ranks: list(range(rank, n, ranks)),
        in_blocks,
        lambda n, rank, ranks: np.arange(n)[rank::ranks],
        lambda n, rank, ranks: np.array_split(np.arange(n), ranks)[rank].tolist(),
    ],
    "10.3": [of_all, count_first, in_one_sum],
    "10.4": [[1 / 6, 1 / 12], (0.16667, 0.083333), np.array([2, 1]) / 12],
    "10.5": [80, 80.0, ms.Tensor(80.0), np.sqrt(6400)],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "10.1": [
        ("plain", 2),
        ("swapped", 3.0),
        ("sum", 8),
        ("sum_of_means", 4),
        ("sign", 3.5),
        ("number", -1),
        ("not_value", lambda: 1),
    ],
    "10.2": [
        ("from_one", lambda n, rank, ranks: list(range(rank + 1, n + 1, ranks))),
        ("outside", lambda n, rank, ranks: [rank + ranks * i for i in range(-(-n // ranks))]),
        ("twice", lambda n, rank, ranks: list(range(n))),
        ("twice", lambda n, rank, ranks: [i % n for i in range(rank, n + -n % ranks, ranks)]),
        ("missing", lambda n, rank, ranks: list(range(n))[: n // ranks * ranks][rank::ranks]),
        ("missing", lambda n, rank, ranks: []),
        (
            "uneven",
            lambda n, rank, ranks: list(range(n))[
                rank * (n // ranks) : None if rank == ranks - 1 else (rank + 1) * (n // ranks)
            ],
        ),
        ("uneven", lambda n, rank, ranks: [] if rank else list(range(n))),
        ("returns_no_list", lambda n, rank, ranks: n // ranks),
        ("returns_no_list", lambda n, rank, ranks: "all"),
        ("no_whole_numbers", lambda n, rank, ranks: [n / ranks + 0.1]),
        ("returns_nothing", lambda n, rank, ranks: None),
    ],
    "10.3": [
        ("plain", lambda g, n, add: add(g) / 3),
        ("plain", lambda g, n, add: add(g) / add(one())),
        ("own", lambda g, n, add: g),
        ("not_divided", lambda g, n, add: add(n * g)),
        ("sum_of_means", lambda g, n, add: add(g)),
        ("own_count", lambda g, n, add: add(n * g) / n),
        ("by_ranks", lambda g, n, add: add(n * g) / add(one())),
        ("not_weighted", lambda g, n, add: add(g) / add(ms.Tensor(float(n)))),
        ("left_out", only_large_shards),
        ("no_tensor", lambda g, n, add: add(n * g) / add(n)),
        ("unlike", lambda g, n, add: add(ms.Tensor(np.ones(n)))),
        ("without_end", for_ever),
        ("values", lambda g, n, add: of_all(g, n, add) + 1),
        ("returns_shape", lambda g, n, add: of_all(g, n, add).sum()),
        ("returns_nothing", lambda g, n, add: None),
    ],
    "10.4": [
        ("as_it_should_be", [0.1, 0.1]),
        ("of_ten", [0.2, 0.1]),
        ("counts", [2, 1]),
        ("swapped", [1 / 12, 1 / 6]),
        ("once", [1 / 12, 1 / 12]),
        ("in_the_shard", [2 / 3, 1 / 3]),
        ("own_shard", [1 / 3, 1 / 3]),
        ("some", [1 / 6, 0.3]),
        ("shape", 1 / 6),
    ],
    "10.5": [
        ("no_root", 6400),
        ("one_message", 113.14),
        ("half", 40),
        ("milliseconds", 2.53),
        ("time", 0.0318),
        ("gain", 40.25),
        ("number", 64),
        ("not_value", lambda: 80),
    ],
}

# What no hint may say.
SECRETS = {
    "10.1": ["18", "/ 8"],
    "10.2": ["range", "rank, n, ranks"],
    "10.3": ["n * g", "n·g"],
    "10.4": ["12", "1/6"],
    "10.5": ["80", "√"],
}
