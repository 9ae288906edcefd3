"""Running a Cell with parameters that are passed to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import mindspore as ms
from mindspore import nn

from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.cells import make_ready, parameter_places

Parameters = Mapping[str, ms.Tensor] | Sequence[ms.Tensor]


def functional_call(cell: nn.Cell, parameters: Parameters, *args: Any, **kwargs: Any) -> Any:
    """Return ``cell(*args, **kwargs)``, computed with these parameters in place of its own.

    That makes a Cell a function of its weights, which can be differentiated like any other::

        weights = {p.name: p for p in net.trainable_params()}
        hessian(lambda w: loss(functional_call(net, w, x), y))(weights)

    Args:
        cell: a Cell; its own parameters are in their places again when the call is over.
        parameters: tensors by the names that ``cell.parameters_and_names()`` gives, all of them or
            some; or as many as ``cell.trainable_params()`` has, in its order.
        args: what the Cell is called with.
        kwargs: likewise.

    Raises:
        GradientError: cell is no Cell, a name or the number of parameters is not the Cell's, or a
            tensor has another shape than the parameter that it stands for.
    """
    if not isinstance(cell, nn.Cell):
        raise GradientError(
            f"functional_call was given an object of type {type(cell).__name__}. It takes a "
            "mindspore.nn.Cell, its parameters, and what the Cell is called with: "
            "functional_call(net, weights, x)."
        )
    with _replaced(cell, _by_identity(cell, parameters)):
        return cell(*args, **kwargs)


def _by_identity(cell: nn.Cell, parameters: Parameters) -> dict[int, ms.Tensor]:
    """Return by the id of each Parameter of the Cell what stands for it."""
    own = dict(_named(cell))
    if isinstance(parameters, Mapping):
        unknown = [name for name in parameters if name not in own]
        if unknown:
            raise GradientError(
                f"The Cell has no parameter {unknown[0]!r}. It has {', '.join(map(repr, own))}."
            )
        pairs = [(own[name], tensor) for name, tensor in parameters.items()]
    else:
        trainable = cell.trainable_params()
        if len(parameters) != len(trainable):
            raise GradientError(
                f"{len(parameters)} parameters were given for a Cell that has {len(trainable)} "
                "trainable ones. Pass one for each, in the order of cell.trainable_params(), or a "
                "dict by names."
            )
        pairs = list(zip(trainable, parameters, strict=True))
    for parameter, tensor in pairs:
        if not isinstance(tensor, ms.Tensor) or tensor.shape != parameter.shape:
            given = f"shape {tensor.shape}" if isinstance(tensor, ms.Tensor) else repr(type(tensor))
            raise GradientError(
                f"The parameter {parameter.name!r} has shape {parameter.shape}, and what was given "
                f"for it has {given}. Both have to be the same."
            )
    return {id(parameter): tensor for parameter, tensor in pairs}


def _named(cell: nn.Cell) -> Iterator[tuple[str, ms.Parameter]]:
    """Yield the parameters by the names of their places and by their own, which may differ."""
    for name, parameter in cell.parameters_and_names():
        yield parameter.name, parameter
        yield name, parameter


@contextmanager
def _replaced(cell: nn.Cell, tensors: dict[int, ms.Tensor]) -> Iterator[None]:
    """Put tensors in the places of Parameters, in the Cell and in those within it."""
    make_ready(cell)
    replaced: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for _, part in cell.cells_and_names():
            for places in parameter_places(part):
                for name, held in list(places.items()):
                    new = _with_tensors(held, tensors)
                    if new is not held:
                        replaced.append((places, name, held))
                        places[name] = new
        yield
    finally:
        for places, name, held in reversed(replaced):
            places[name] = held


def _with_tensors(held: Any, tensors: dict[int, ms.Tensor]) -> Any:
    if isinstance(held, (tuple, list)):
        new = [tensors.get(id(part), part) for part in held]
        return held if all(a is b for a, b in zip(new, held, strict=True)) else tuple(new)
    return tensors.get(id(held), held)
