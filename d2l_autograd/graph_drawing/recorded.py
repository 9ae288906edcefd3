"""The computation graph that is recorded when a function runs."""

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mindspore as ms
import networkx as nx
import numpy as np
from mindspore import Tensor

from d2l_autograd.arguments.checks import (
    FLOATS,
    as_constant,
    as_inputs,
    require_function,
    require_scalar,
)
from d2l_autograd.arguments.trees import leaves, mapped, named_leaves
from d2l_autograd.engine.backward import Report
from d2l_autograd.engine.captures import captured_tensors
from d2l_autograd.engine.levels import Level
from d2l_autograd.engine.record import Node, Value
from d2l_autograd.engine.shapes import constant
from d2l_autograd.engine.watching import current_record
from d2l_autograd.errors import GradientError
from d2l_autograd.graph_drawing.symbols import INFIX, symbol
from d2l_autograd.graph_drawing.values import number
from d2l_autograd.graph_drawing.watch import NamesWatch, array
from d2l_autograd.mindspore_internals.failures import failures_in_our_words

Operand = tuple[tuple[int, int | None], int, Any]


def record_graph(
    fn: Callable[..., Any], *args: Any, names: Sequence[str] | None = None, gradients: bool = True
) -> "nx.DiGraph[int]":
    """Run fn and return the computation graph that was recorded.

    Python's control flow is unrolled as it ran: each pass of a loop leaves its operators, and of
    a branch only the side that was taken. The attributes of nodes and edges are described in
    ``d2l_autograd.graph_drawing``. Nodes are numbered in the order of the computation, inputs
    first.

    Args:
        fn: a function of tensors that returns one tensor; a scalar, unless gradients is False.
        args: what to call fn with. Floating-point tensors, NumPy arrays and Python floats are the
            inputs, of any shape; anything else is handed on as it is. Parameters that fn captures,
            or that a network holds, are inputs as well.
        names: the names of the arguments, one each; by default those in fn's signature.
        gradients: whether to differentiate, and note the gradient at every node and edge.

    Returns:
        A ``networkx.DiGraph``. Values and gradients are NumPy arrays of the shape and dtype of
        the tensors; bfloat16 becomes float32.

    Raises:
        GradientError: fn is no function; there is no input of floating point; the value is not a
            tensor, not a scalar while gradients are asked for, or does not depend on the inputs.
    """
    require_function(fn, "record_graph")
    if current_record() is not None:
        raise GradientError(
            "A graph was asked for inside a function that is being differentiated. Ask for it "
            "outside of f."
        )
    if not any(map(_is_input, leaves(args))):
        raise GradientError(
            "There is no floating-point tensor among the arguments, so nothing is recorded. "
            "Pass the inputs after the function: f, mindspore.Tensor([1.0, 2.0])."
        )
    labels = _argument_names(fn, args) if names is None else _given_names(names, args)
    with Level() as level:
        watch = NamesWatch(_code(fn), level)
        given, inputs = _inputs(level, args, labels, watch)
        weights = _weights(fn)
        for weight in weights:
            level.variable(weight)
        captured = list(_captured(fn))
        for name, held in captured:
            if isinstance(held, Tensor):
                watch.name(held, name)
        with failures_in_our_words(), watch:
            value = fn(*given)
        for weight, name in zip(weights, _full_names(weights, captured), strict=True):
            watch.name(weight, name)
        _require_drawable(value, gradients)
        level.stop()
        result = level.value_of(value)
        if result is None:
            raise GradientError(
                "Nothing was recorded that leads from the inputs to the result: it is a constant, "
                "or detached. Compute it from the inputs with MindSpore operators."
            )
        report = Report()
        if gradients:
            level.pull_back([(value, constant(1.0, value.shape, value.dtype))], report)
            report.gradients.setdefault(result, constant(1.0, value.shape, value.dtype))
        reached = [level.value_of(tensor) for tensor in (*inputs, *weights)]
        return _Graph(level.nodes, watch, report, [v for v in reached if v]).of(result)


class _Graph:
    """The drawn part of a record.

    Args:
        nodes: what ran.
        watch: what else was seen.
        report: the gradients.
        inputs: the values of the inputs, in the order of the call.
    """

    def __init__(
        self, nodes: list[Node], watch: NamesWatch, report: Report, inputs: list[Value]
    ) -> None:
        self._nodes = nodes
        self._watch = watch
        self._report = report
        self._inputs = inputs
        self._graph: nx.DiGraph[int] = nx.DiGraph()
        self._numbers: dict[Any, int] = {}  # by value, or by the place of a constant
        self._producers = {value: node for node in nodes for value in node.outs if value}

    def of(self, result: Value) -> "nx.DiGraph[int]":
        """Return the graph of what leads to a result, and of the constants that entered it."""
        live = self._leading_to([result])
        drawn = live | self._leading_to(self._detached_sources(live))
        for value in self._inputs:
            if value in drawn:
                self._add_node(value, [value], None, value not in live)
        for node in self._nodes:
            values = [value for value in node.outs if value]
            if not drawn.isdisjoint(values):
                self._add_operator(node, values, live.isdisjoint(values))
        return self._graph

    def _leading_to(self, values: list[Value]) -> set[Value]:
        """Return the values that these depend on, themselves included."""
        todo, found = list(values), set(values)
        while todo:
            node = self._producers.get(todo.pop())
            for _, _, parent in node.parents if node else ():
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        return found

    def _detached_sources(self, live: set[Value]) -> list[Value]:
        """Return the values that the detached operands of live ones come from."""
        seen, sources = set(live), list[Value]()
        fresh = list(live)
        while fresh:
            found = [
                source
                for value in fresh
                if value in self._producers
                for _, _, constant in self._constants(self._producers[value])
                for source in self._watch.sources(constant)
            ]
            sources += found
            fresh = [value for value in self._leading_to(found) if value not in seen]
            seen.update(fresh)
        return sources

    def _add_operator(self, node: Node, values: list[Value], detached: bool) -> None:
        constants = [
            (position, self._constant(value)) for _, position, value in self._constants(node)
        ]
        head = self._add_node(node, values, node.name, detached)
        parents = {(place, index): value for place, index, value in node.parents}
        for place, position, _ in _operands(node):
            if place in parents:
                share = self._report.shares.get((node, place))
                _add_edge(
                    self._graph, self._numbers[parents[place]], head, position, share, detached
                )
        for position, origin in constants:
            origin_detached = self._graph.nodes[origin]["detached"]
            _add_edge(self._graph, origin, head, position, None, origin_detached)

    def _add_node(self, key: Any, values: list[Value], operator: str | None, detached: bool) -> int:
        head = len(self._graph)
        self._numbers.update(dict.fromkeys(values, head))
        value = values[0] if len(values) == 1 else None
        tensor = value.tensor if value else None
        gradient = self._report.gradients.get(value) if value else None
        name = self._watch.names.get(value) if value else None
        self._graph.add_node(
            head,
            kind="input" if operator is None else "operator",
            label=name if operator is None else symbol(operator),
            operator=operator,
            name=name,
            value=None if tensor is None else array(tensor),
            shape=None if tensor is None else tuple(tensor.shape),
            dtype=None if tensor is None else _dtype(tensor.dtype),
            gradient=None if gradient is None else array(gradient),
            detached=detached,
        )
        return head

    def _constant(self, constant: Any) -> int:
        """Add a constant, unless it is there, and return its number."""
        is_tensor = isinstance(constant, Tensor)
        key = (constant.data_ptr(), constant.shape) if is_tensor else object()
        if key in self._numbers:
            return self._numbers[key]
        origin = self._numbers[key] = len(self._graph)
        sources = self._watch.sources(constant)
        value = array(constant) if is_tensor else np.asarray(constant)
        name = self._watch.name_of(constant)
        if name is None and isinstance(constant, ms.Parameter):
            name = constant.name
        text = "detached" if sources else number(value.item()) if value.size == 1 else "constant"
        self._graph.add_node(
            origin,
            kind="constant",
            label=name or text,
            operator=None,
            name=name,
            value=value,
            shape=value.shape,
            dtype=_dtype(constant.dtype) if is_tensor else type(constant).__name__,
            gradient=None,
            detached=bool(sources),
        )
        for position, source in enumerate(sources):
            _add_edge(self._graph, self._numbers[source], origin, position, None, True)
        return origin

    def _constants(self, node: Node) -> Iterator[Operand]:
        """Yield the operands that are no values of the record, settings such as axes not."""
        parents = {(place, index) for place, index, _ in node.parents}
        infix = symbol(node.name) in INFIX
        for place, position, given in _operands(node):
            is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
            if place not in parents and (
                isinstance(given, Tensor) or (is_number and infix and position < 2)
            ):
                yield place, position, given


def _operands(node: Node) -> Iterator[Operand]:
    """Yield the place of each operand, its position among all, and the operand."""
    position = 0
    for place, given in enumerate(node.inputs):
        if isinstance(given, (tuple, list)):
            for index, part in enumerate(given):
                yield (place, index), position, part
                position += 1
        else:
            yield (place, None), position, given
            position += 1


def _inputs(
    level: Level, args: tuple[Any, ...], labels: list[str], watch: NamesWatch
) -> tuple[list[Any], list[Tensor]]:
    """Return the arguments with copies of the inputs in them, and these copies."""
    inputs: list[Tensor] = []

    def own(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor) or leaf.dtype not in FLOATS:
            return leaf
        inputs.append(level.input(leaf))
        return inputs[-1]

    given = []
    for position, (arg, label) in enumerate(zip(args, labels, strict=True)):
        if not any(map(_is_input, leaves(arg))):
            given.append(as_constant(arg))
            continue
        ready = mapped(own, as_inputs(arg, f"Argument {position}"))
        given.append(ready)
        for name, leaf in named_leaves(ready, label):
            if isinstance(leaf, Tensor):
                watch.name(leaf, name)
    return given, inputs


def _require_drawable(value: Any, gradients: bool) -> None:
    if isinstance(value, Tensor):
        if not gradients:
            return
        if any(size != 1 for size in value.shape):
            raise GradientError(
                f"The function returned a tensor of shape {tuple(value.shape)}, and only a "
                "scalar has a gradient. Draw it without gradients (gradients=False), or add "
                "its entries up with .sum() if their total is meant."
            )
    require_scalar(value)


def _is_input(arg: Any) -> bool:
    if isinstance(arg, ms.Tensor):
        return arg.dtype in FLOATS
    if isinstance(arg, np.ndarray):
        return bool(np.issubdtype(arg.dtype, np.floating))
    return isinstance(arg, (float, np.floating))


def _add_edge(
    graph: "nx.DiGraph[int]", tail: int, head: int, position: int, share: Any, detached: bool
) -> None:
    share = None if share is None else array(share)
    if not graph.has_edge(tail, head):
        graph.add_edge(tail, head, operands=(), gradients=(), gradient=None, detached=detached)
    edge = graph.edges[tail, head]
    edge["operands"] += (position,)
    edge["gradients"] += (share,)
    if share is not None:
        edge["gradient"] = share if edge["gradient"] is None else edge["gradient"] + share


def _function(fn: Any) -> Any:
    """Return the Python function behind a callable."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    if isinstance(fn, ms.nn.Cell):
        fn = fn.construct
    fn = inspect.unwrap(fn)
    if not inspect.isroutine(fn):
        fn = type(fn).__call__
    return getattr(fn, "__func__", fn)


def _code(fn: Any) -> types.CodeType | None:
    return getattr(_function(fn), "__code__", None)


def _captured(fn: Any) -> Iterator[tuple[str, Any]]:
    """Yield what fn uses without being passed it, lists and the like taken apart, with names."""
    function = _function(fn)
    if isinstance(function, types.FunctionType):
        captured = inspect.getclosurevars(function)
        for name, value in {**captured.globals, **captured.nonlocals}.items():
            yield from named_leaves(value, name)


def _weights(fn: Any) -> list[ms.Parameter]:
    """Return the Parameters that fn reaches and that are not frozen."""
    found = [tensor for tensor in captured_tensors(fn) if isinstance(tensor, ms.Parameter)]
    return [parameter for parameter in found if parameter.requires_grad]


def _full_names(weights: list[ms.Parameter], captured: list[tuple[str, Any]]) -> list[str]:
    """Return MindSpore's names of weights; of those that have equal ones, those of fn's code."""
    places = {
        id(weight): f"{name}.{path}"
        for name, held in captured
        if isinstance(held, ms.nn.Cell)
        for path, weight in held.parameters_and_names()
    }
    given = [weight.name for weight in weights]
    return [
        name if given.count(name) == 1 else places.get(id(weight), name)
        for name, weight in zip(given, weights, strict=True)
    ]


def _argument_names(fn: Any, args: tuple[Any, ...]) -> list[str]:
    try:
        signature = inspect.signature(fn.construct if isinstance(fn, ms.nn.Cell) else fn)
        bound = signature.bind(*args).arguments
    except (TypeError, ValueError):  # a wrong number of arguments is for the call itself to say
        return [f"argument {position}" for position in range(len(args))]
    names: list[str] = []
    for name, value in bound.items():
        rest = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        names += [f"{name}[{i}]" for i in range(len(value))] if rest else [name]
    return names


def _given_names(names: Sequence[str], args: tuple[Any, ...]) -> list[str]:
    if isinstance(names, str) or len(names) != len(args):
        raise GradientError(
            f"names is {names!r}, and the function is called with {len(args)} "
            f"argument{'s' if len(args) != 1 else ''}. Give one name for each: names=('x', 'w')."
        )
    return [str(name) for name in names]


def _dtype(dtype: Any) -> str:
    return str(dtype).rpartition("[")[2].rstrip("]").rpartition(".")[2].lower()
