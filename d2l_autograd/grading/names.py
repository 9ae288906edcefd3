"""Which names a cell needs, and which it gives a value: what has to run, and what need not."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_WORD = re.compile(r"[^\W\d]\w*")
# Calls that change the state of a whole library, and those that reach any name.
_STATE = re.compile(r"start|seed|set_\w+|update|use|rc\w*|register\w*|filterwarnings|simplefilter")
_ANY_NAME = {"eval", "exec", "globals", "vars", "locals", "get_ipython"}
_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


@dataclass
class CellNames:
    """The names of the session that a cell deals with.

    Attributes:
        mentions: those that it uses itself.
        later: those that functions use which it defines, whenever they are called.
        gives: those that it gives a value to.
        surely: those of them that have a new value after it, whatever happens in it.
        defines: those of them that are functions, classes or modules, which no call changes.
        hands: those that a call in it is handed, and so may change.
        for_all: whether it does something that any cell may need, such as an import.
    """

    mentions: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    gives: set[str] = field(default_factory=set)
    surely: set[str] = field(default_factory=set)
    defines: set[str] = field(default_factory=set)
    hands: set[str] = field(default_factory=set)
    for_all: bool = False


def names_of(source: str) -> CellNames:
    """Read a cell; what is no Python, a magic for one, may deal with every word in it."""
    words = set(_WORD.findall(source))
    try:
        tree = ast.parse(source)
        reader = _Reader()
        reader.visit(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return CellNames(words, words, words, hands=words, for_all=True)
    found = reader.found
    if (found.mentions | found.later) & _ANY_NAME:
        found.later |= words
        found.gives |= words
    found.surely = {name for statement in tree.body for name in _given_by(statement)}
    return found


def needed(cells: Sequence[CellNames], asked: Iterable[int]) -> set[int]:
    """The cells to run, in their order, so that those asked for find what they would find in all.

    A cell is needed if it gives a value, or may change one, that a needed cell uses after it.
    """
    fixed = set().union(*(cell.defines for cell in cells)) | set(dir(builtins))
    changes = [cell.gives | (cell.hands - fixed) for cell in cells]
    found = set(asked) | {number for number, cell in enumerate(cells) if cell.for_all}
    end = max(found, default=0)
    waiting = list(found)
    while waiting:
        number = waiting.pop()
        cell = cells[number]
        more = {n for n in range(end) if changes[n] & cell.later}
        for name in cell.mentions:
            for before in range(number - 1, -1, -1):
                if name in changes[before]:
                    more.add(before)
                if name in cells[before].surely:
                    break
        waiting += more - found
        found |= more
    return found


def _given_by(statement: ast.stmt) -> set[str]:
    """The names that a statement surely gives a value to."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if not isinstance(statement, ast.Assign):
        return set()
    return {
        part.id
        for target in statement.targets
        for part in (target.elts if isinstance(target, ast.Tuple) else [target])
        if isinstance(part, ast.Name)
    }


class _Reader(ast.NodeVisitor):
    """Collects the names of a cell, without those that belong to a function in it."""

    def __init__(self) -> None:
        self.found = CellNames()
        self._local: list[set[str]] = []

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, _SCOPES):
            self._scope(node)
            return
        if isinstance(node, ast.ClassDef):
            self._give(node.name, defined=True)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.found.for_all |= not self._local
            for name in node.names:
                self._give((name.asname or name.name).partition(".")[0], defined=True)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            self._mention(node.id)
        elif isinstance(node, ast.AugAssign):
            self._mention(_root(node.target))
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(
            node.ctx, ast.Load
        ):
            self._give(_root(node))
        elif isinstance(node, ast.Call):
            self._call(node)
        self.generic_visit(node)

    def _scope(self, node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._give(node.name, defined=True)
            for outside in (*node.decorator_list, *node.args.defaults):
                self.visit(outside)
        parts = list(ast.walk(node))
        own = {part.arg for part in parts if isinstance(part, ast.arg)}
        own |= {
            part.id
            for part in parts
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
        }
        told = {n for part in parts if isinstance(part, ast.Global) for n in part.names}
        self._local.append(own - told)
        self.generic_visit(node)
        self._local.pop()

    def _call(self, node: ast.Call) -> None:
        handed = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            handed.append(node.func.value)
            self.found.for_all |= not self._local and bool(_STATE.fullmatch(node.func.attr))
        if getattr(node.func, "id", "") != "print":
            self.found.hands.update(n for n in map(_root, handed) if n and not self._is_local(n))

    def _mention(self, name: str) -> None:
        if not self._is_local(name):
            (self.found.later if self._local else self.found.mentions).add(name)

    def _give(self, name: str, *, defined: bool = False) -> None:
        if name and not self._is_local(name):
            self.found.gives.add(name)
            if defined:
                self.found.defines.add(name)

    def _is_local(self, name: str) -> bool:
        return any(name in own for own in self._local)


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
