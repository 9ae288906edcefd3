"""A graph made smaller for the reader: what nobody wrote, repeated rounds, inputs used often."""

from typing import NamedTuple

from d2l_autograd.graph_drawing.form import Form, Node, Wire
from d2l_autograd.graph_drawing.symbols import INFIX
from d2l_autograd.graph_drawing.words import word

_UNWRITTEN = frozenset(["copy", "cast", "× 1", "1 ×"])
_USES = 4  # of an input: one with more of them is repeated beside each
_FAR = 4  # layers between the uses of an input: it is repeated from three uses on
_ROUNDS = 4  # that are alike: with fewer, there is nothing to gain
_PERIOD = 100  # operators of a round: two longer ones are no drawing to be read


def without_unwritten(form: Form) -> Form:
    """Leave out the operators that MindSpore adds and that change nothing: copies and casts.

    One that the reader named, whose value is another one, or that is all there is, is kept.
    """
    nodes, wires = form
    operands: dict[int, list[Wire]] = {}
    uses = [0] * len(nodes)
    for wire in wires:
        operands.setdefault(wire.head, []).append(wire)
        uses[wire.tail] += 1
    through: dict[int, Wire] = {}  # what is left out, and the wire from what stands in for it

    def joined(wire: Wire) -> Wire:
        if wire.tail not in through:
            return wire
        before = through[wire.tail]
        return wire._replace(
            tail=before.tail,
            share=wire.share or (before.share if uses[wire.tail] == 1 else ""),
            flows_back=wire.flows_back and before.flows_back,
            detached=wire.detached or before.detached,
        )

    for number, node in enumerate(nodes):
        taken = operands.get(number, [])
        if len(taken) != 1 or node.name or node.symbol not in _UNWRITTEN:
            continue
        wire = joined(taken[0])
        before = nodes[wire.tail]
        if node.value == before.value and (uses[number] or before.kind == "operator"):
            through[number] = wire
    kept = [joined(wire) for wire in wires if wire.head not in through]
    return _renumbered(nodes, kept, [number not in through for number in range(len(nodes))])


def with_rounds_folded(form: Form) -> Form | None:
    """Fold the rounds of a loop between its first and its last, or return None if there is none."""
    nodes, wires = form
    operators = [number for number, node in enumerate(nodes) if node.kind == "operator"]
    loop = _longest_loop(_signatures(form, operators))
    if loop is None:
        return None
    folded = operators[loop.start + loop.period : loop.start + (loop.rounds - 1) * loop.period]
    inside = set(folded)
    first = folded[0]
    heads: dict[int, set[int]] = {}
    for wire in wires:
        heads.setdefault(wire.tail, set()).add(wire.head)
    leaves = {tail for tail, users in heads.items() if users <= inside and tail not in inside}
    leaves -= {tail for tail in leaves if nodes[tail].kind == "operator" or nodes[tail].name}
    detached = all(nodes[number].detached for number in folded)
    count = word("rounds", count=loop.rounds - 2)
    fold = Node("⋯", count, "", "", "fold", detached, None)
    kept: dict[tuple[int, int, int], Wire] = {}
    for wire in wires:
        if wire.tail in leaves or (wire.tail in inside and wire.head in inside):
            continue
        tail = first if wire.tail in inside else wire.tail
        head = first if wire.head in inside else wire.head
        operand = 0 if head == first else wire.operand
        moved = wire._replace(tail=tail, head=head, operand=operand)
        if head == first:
            moved = moved._replace(share="")
        known = kept.get((tail, head, operand))
        flows_back = moved.flows_back or (known is not None and known.flows_back)
        kept[tail, head, operand] = moved._replace(flows_back=flows_back)
    keep = [number == first or number not in inside | leaves for number in range(len(nodes))]
    return _renumbered([*nodes[:first], fold, *nodes[first + 1 :]], [*kept.values()], keep)


def with_inputs_repeated(form: Form) -> Form:
    """Draw an input that is used often beside each use; its gradient stands at the first one."""
    nodes, wires = form
    computed = {wire.head for wire in wires}
    users: dict[int, list[int]] = {}
    live = {(wire.tail, wire.head) for wire in wires if wire.flows_back}
    for wire in wires:
        if wire.tail not in computed and wire.head not in users.setdefault(wire.tail, []):
            users[wire.tail].append(wire.head)
    depths = _depths(form)
    # Copies come before all others: operands have the smaller numbers.
    copies: list[Node] = []
    place: dict[tuple[int, int], int] = {}
    for tail, heads in users.items():
        far = max(depths[head] for head in heads) - min(depths[head] for head in heads) >= _FAR
        if len(heads) > _USES or (far and len(heads) > 2):
            # The first one that a gradient flows back from keeps the number that they add up to.
            for head in sorted(heads, key=lambda head: ((tail, head) not in live, head))[1:]:
                place[tail, head] = len(copies)
                copies.append(nodes[tail]._replace(gradient="", kind="again"))
    moved = [
        wire._replace(
            tail=place.get((wire.tail, wire.head), wire.tail + len(copies)),
            head=wire.head + len(copies),
        )
        for wire in wires
    ]
    return Form([*copies, *nodes], sorted(moved, key=lambda wire: (wire.head, wire.operand)))


def _depths(form: Form) -> list[int]:
    """Return for each node the number of operators on the longest way to it."""
    depths = [0] * len(form.nodes)
    for wire in sorted(form.wires, key=lambda wire: wire.head):
        depths[wire.head] = max(depths[wire.head], depths[wire.tail] + 1)
    return depths


class _Signature(NamedTuple):
    """What an operator does to which of the values before it, numbers aside."""

    symbol: str
    operands: tuple[int | str, ...]
    detached: bool


class _Loop(NamedTuple):
    """Rounds of as many operators, from a place among all operators."""

    start: int
    period: int
    rounds: int


def _longest_loop(signatures: list[_Signature]) -> _Loop | None:
    """Return the loop in which folding leaves out the most operators, of several the shortest."""
    best, most = None, 0
    for period in range(1, min(len(signatures) // _ROUNDS, _PERIOD) + 1):
        start = 0
        for place in range(len(signatures) - period + 1):
            end = place + period
            if end < len(signatures) and signatures[place] == signatures[end]:
                continue
            # The first round may take another operand, such as the number that a sum starts from.
            early = start
            while early > max(0, start - period) and _alike(signatures, early - 1, period):
                early -= 1
            rounds = (end - early) // period
            if rounds >= _ROUNDS and (rounds - 2) * period > most:
                best, most = _Loop(early, period, rounds), (rounds - 2) * period
            start = place + 1
    return best


def _alike(signatures: list[_Signature], place: int, period: int) -> bool:
    later = place + period
    return later < len(signatures) and signatures[place].symbol == signatures[later].symbol


def _signatures(form: Form, operators: list[int]) -> list[_Signature]:
    """Return what makes two operators alike, for each of them."""
    order = {number: place for place, number in enumerate(operators)}
    tails: dict[int, list[int]] = {}
    for wire in form.wires:
        tails.setdefault(wire.head, []).append(wire.tail)
    found: list[_Signature] = []
    for number in operators:
        node = form.nodes[number]
        operands = [
            order[number] - order[tail] if tail in order else "leaf"
            for tail in tails.get(number, ())
        ]
        parts = node.symbol.split(" ")
        infix = [part for part in parts if part in INFIX]  # of × 3 and 3 ×, what is not a number
        symbol = " ".join(infix) or node.symbol
        found.append(_Signature(symbol, tuple(operands), node.detached))
    return found


def _renumbered(nodes: list[Node], wires: list[Wire], keep: list[bool]) -> Form:
    numbers: dict[int, int] = {}
    for number, kept in enumerate(keep):
        if kept:
            numbers[number] = len(numbers)
    moved = [
        wire._replace(tail=numbers[wire.tail], head=numbers[wire.head])
        for wire in wires
        if wire.tail in numbers and wire.head in numbers
    ]
    left = [node for node, kept in zip(nodes, keep, strict=True) if kept]
    return Form(left, sorted(moved, key=lambda wire: (wire.head, wire.operand, wire.tail)))
