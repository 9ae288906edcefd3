"""The computation graph that MindSpore records when it runs a function in eager mode."""

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import mindspore as ms
import networkx as nx
import numpy as np
from mindspore import context

from d2l_autograd.arguments.checks import (
    FLOATS,
    apart,
    as_constant,
    as_input,
    require_function,
    require_scalar,
)
from d2l_autograd.engine.captures import Captures, reachable
from d2l_autograd.engine.recording import NestedGradient, is_recording, record, recordable
from d2l_autograd.errors import GradientError
from d2l_autograd.graph_drawing.symbols import INFIX, symbol
from d2l_autograd.graph_drawing.values import number
from d2l_autograd.graph_drawing.watch import Constant, Watch, array


def record_graph(
    fn: Callable[..., Any], *args: Any, names: Sequence[str] | None = None, gradients: bool = True
) -> "nx.DiGraph[int]":
    """Run fn in eager mode and return the computation graph that MindSpore recorded.

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
        GradientError: fn is no function, or takes a gradient itself; there is no input of
            floating point; the value is not a tensor, not a scalar while gradients are asked
            for, or does not depend on the inputs; MindSpore is in Graph mode, where nothing is
            recorded.
    """
    _require_recording(fn)
    positions = [p for p, arg in enumerate(args) if _is_input(arg)]
    if not positions:
        raise GradientError(
            "There is no floating-point tensor among the arguments, so MindSpore records nothing. "
            "Pass the inputs after the function: f, mindspore.Tensor([1.0, 2.0])."
        )
    given = [as_constant(arg) for arg in args]
    labels = _argument_names(fn, args) if names is None else _given_names(names, args)
    run = _Run(fn, given, positions, labels, gradients)
    inputs = [apart(as_input(args[p], f"Argument {p}")) for p in positions]
    weights = _weights(fn)
    differentiate = ms.value_and_grad(
        recordable(run), tuple(range(len(inputs))), ms.ParameterTuple(weights) if weights else None
    )
    try:
        _, found = record(differentiate, *inputs)
    except NestedGradient:
        raise _compiled() from None
    of_inputs, of_weights = found if weights else (found, ())
    if gradients:
        run.note_gradients((*_sequence(of_inputs), *_sequence(of_weights)), (*inputs, *weights))
    return run.graph()


class _Recorded(NamedTuple):
    """A node of MindSpore's and the keys of its operands, of which a gradient's run drops some."""

    node: Any
    tails: list[int | None]


class _Run:
    """One recorded run of fn: a function for MindSpore to differentiate, then the graph of it."""

    def __init__(
        self,
        fn: Callable[..., Any],
        args: list[Any],
        positions: list[int],
        names: list[str],
        gradients: bool,
    ) -> None:
        self._fn, self._args, self._positions, self._names = fn, args, positions, names
        self._gradients = gradients
        self._watch = Watch(_code(fn))
        self._nodes: dict[int, _Recorded] = {}
        self._live: dict[int, _Recorded] = {}
        self._values: dict[int, np.ndarray[Any, Any]] = {}
        self._gradient_at: dict[int, Any] = {}
        self._shares: dict[int, Any] = {}
        self._leaves: dict[int, int] = {}

    def __call__(self, *inputs: ms.Tensor) -> Any:
        for position, tensor in zip(self._positions, inputs, strict=True):
            self._args[position] = tensor
            self._watch.name(tensor, self._names[position])
            self._note_leaf(tensor)
        for name, tensor in _captured(self._fn):
            self._watch.name(tensor, name)
        with self._watch:
            value = self._fn(*self._args)
        self._require_drawable(value)
        result = value._grad_node
        if result is None:
            raise GradientError(
                "MindSpore recorded nothing that leads from the inputs to the result: it is a "
                "constant, or detached. Compute it from the inputs with MindSpore operators."
            )
        self._live = dict(_reached([result]))
        self._nodes = {**self._live, **dict(_reached(self._detached_sources()))}
        for weight in _weights(self._fn):
            self._note_leaf(weight)
        if not self._gradients:
            return ms.Tensor(0.0, ms.float32)
        for key, (node, _) in self._live.items():
            node.register_hook(functools.partial(self._see_gradients, key))
        return value

    def note_gradients(
        self, gradients: tuple[ms.Tensor, ...], tensors: tuple[ms.Tensor, ...]
    ) -> None:
        """Note the gradients of the inputs, which MindSpore hands out at the end."""
        for gradient, tensor in zip(gradients, tensors, strict=True):
            self._gradient_at[self._leaves.get(id(tensor), 0)] = gradient

    def graph(self) -> "nx.DiGraph[int]":
        """Return the recorded nodes and edges, and the constants that entered them."""
        graph: nx.DiGraph[int] = nx.DiGraph()
        numbers: dict[int, int] = {}
        for key in sorted(self._nodes, key=self._order):
            tails = self._nodes[key].tails
            constants = [
                (constant.position, self._constant(graph, constant.value, numbers))
                for constant in self._drawn_constants(key, self._nodes[key])
            ]
            numbers[key] = len(graph)
            self._add_node(graph, key, numbers)
            shares = self._shares.get(key, ())
            for position, tail in enumerate(tails):
                if tail is not None:
                    share = shares[position] if position < len(shares) else None
                    detached = key not in self._live
                    _add_edge(graph, numbers[tail], numbers[key], position, share, detached)
            for position, origin in constants:
                _add_edge(
                    graph, origin, numbers[key], position, None, graph.nodes[origin]["detached"]
                )
        return graph

    def _add_node(self, graph: "nx.DiGraph[int]", key: int, numbers: dict[int, int]) -> None:
        (node, tails), step = self._nodes[key], self._watch.steps.get(key)
        leaf = not tails
        name = self._watch.names.get(key) or (node.name() if leaf else None)
        value = step.value if step else self._values.get(key)
        gradient = self._gradient_at.get(key)
        meta, *others = node._input_metadata
        if node.name() == "Contiguous" and tails[0] is not None:
            # Made inside of MindSpore, where nobody sees its value: that of its operand.
            value = graph.nodes[numbers[tails[0]]]["value"]
        if others:  # several values of one operator are those of its successors
            name, value, gradient = None, None, None
        graph.add_node(
            len(graph),
            kind="input" if leaf else "operator",
            label=name if leaf else symbol(node.name()),
            operator=None if leaf else node.name(),
            name=name,
            value=value,
            shape=None if others else tuple(meta.shape),
            dtype=None if others else _dtype(meta.dtype),
            gradient=None if gradient is None else array(gradient),
            detached=key not in self._live,
        )

    def _constant(self, graph: "nx.DiGraph[int]", constant: Any, numbers: dict[int, int]) -> int:
        """Add a constant, unless it is there, and return its number."""
        if isinstance(constant, ms.Tensor):
            if id(constant) in numbers:
                return numbers[id(constant)]
            numbers[id(constant)] = len(graph)
        sources = self._watch.sources(constant)
        is_tensor = isinstance(constant, ms.Tensor)
        value = array(constant) if is_tensor else np.asarray(constant)
        name = self._watch.name_of(constant)
        if name is None and isinstance(constant, ms.Parameter):
            name = constant.name
        origin = len(graph)
        text = "detached" if sources else number(value.item()) if value.size == 1 else "constant"
        graph.add_node(
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
            _add_edge(graph, numbers[source._unique_id()], origin, position, None, True)
        return origin

    def _order(self, key: int) -> tuple[bool, int]:
        """Inputs in the order of the call, then operators as they were computed."""
        node, tails = self._nodes[key]
        if tails:
            return True, node._sequence_nr()
        return False, list(self._values).index(key) if key in self._values else len(self._values)

    def _note_leaf(self, tensor: ms.Tensor) -> None:
        node = tensor._grad_node
        if node is not None:
            self._leaves[id(tensor)] = node._unique_id()
            self._values[node._unique_id()] = array(tensor)

    def _see_gradients(self, key: int, shares: Any, gradients: Any) -> None:
        self._shares[key] = shares
        self._gradient_at[key] = next((g for g in gradients if g is not None), None)

    def _detached_sources(self) -> list[Any]:
        """Return the recorded nodes that the detached operands of the result come from."""
        seen, fresh = dict(self._live), dict(self._live)
        sources: list[Any] = []
        while fresh:
            found = [
                source
                for key, recorded in fresh.items()
                for constant in self._drawn_constants(key, recorded)
                for source in self._watch.sources(constant.value)
            ]
            sources += found
            fresh = {key: new for key, new in _reached(found) if key not in seen}
            seen.update(fresh)
        return sources

    def _drawn_constants(self, key: int, recorded: _Recorded) -> Iterator[Constant]:
        """Yield the operands that the recorded node has no edge for, settings such as axes not."""
        node, tails = recorded
        infix = symbol(node.name()) in INFIX
        for constant in self._watch.constants(key):
            position = constant.position
            if position < len(tails) and tails[position] is not None:
                continue
            if isinstance(constant.value, ms.Tensor) or (infix and position < 2):
                yield constant

    def _require_drawable(self, value: Any) -> None:
        if isinstance(value, ms.Tensor):
            if not self._gradients:
                return
            if any(size != 1 for size in value.shape):
                raise GradientError(
                    f"The function returned a tensor of shape {tuple(value.shape)}, and only a "
                    "scalar has a gradient. Draw it without gradients (gradients=False), or add "
                    "its entries up with .sum() if their total is meant."
                )
        require_scalar(value)


def _require_recording(fn: Any) -> None:
    require_function(fn, "record_graph")
    if context._get_mode() == ms.GRAPH_MODE:
        raise GradientError(
            "MindSpore is in Graph mode, where it compiles functions and records nothing. Switch "
            "to eager mode first: mindspore.set_context(mode=mindspore.PYNATIVE_MODE)."
        )
    if not hasattr(ms.Tensor, "_grad_node"):
        raise GradientError(
            f"MindSpore {ms.__version__} does not show what it records. Drawing needs MindSpore "
            "2.9 or 2.10."
        )
    if is_recording():
        raise GradientError(
            "A graph was asked for inside a function that is being differentiated. Ask for it "
            "outside of f."
        )
    if Captures(fn).need_compiling():
        raise _compiled()


def _compiled() -> GradientError:
    return GradientError(
        "The function takes a gradient itself, or calls a function compiled by mindspore.jit, and "
        "MindSpore does not record the operators inside of either. Draw the function whose "
        "gradient is taken, or the one without mindspore.jit."
    )


def _is_input(arg: Any) -> bool:
    if isinstance(arg, ms.Tensor):
        return arg.dtype in FLOATS
    if isinstance(arg, np.ndarray):
        return bool(np.issubdtype(arg.dtype, np.floating))
    return isinstance(arg, (float, np.floating))


def _reached(nodes: list[Any]) -> Iterator[tuple[int, _Recorded]]:
    """Yield the recorded nodes that the given ones depend on, themselves included, by their key."""
    todo, seen = list(nodes), set()
    while todo:
        node = todo.pop()
        if node._unique_id() not in seen:
            seen.add(node._unique_id())
            tails = [tail for tail, _ in node.next_functions]
            yield (
                node._unique_id(),
                _Recorded(node, [None if tail is None else tail._unique_id() for tail in tails]),
            )
            todo += [tail for tail in tails if tail is not None]


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


def _captured(fn: Any) -> Iterator[tuple[str, ms.Tensor]]:
    """Yield the tensors that fn uses without being passed them, with their names."""
    function = _function(fn)
    if isinstance(function, types.FunctionType):
        captured = inspect.getclosurevars(function)
        for name, value in {**captured.globals, **captured.nonlocals}.items():
            if isinstance(value, ms.Tensor):
                yield name, value


def _weights(fn: Any) -> list[ms.Parameter]:
    """Return the Parameters that fn reaches and that are not frozen."""
    weights = {}
    for value in reachable(fn):
        found = value.trainable_params() if isinstance(value, ms.nn.Cell) else [value]
        weights.update({id(p): p for p in found if isinstance(p, ms.Parameter)})
    return [weight for weight in weights.values() if weight.requires_grad]


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


def _sequence(found: Any) -> tuple[Any, ...]:
    return tuple(found) if isinstance(found, (tuple, list)) else (found,)
