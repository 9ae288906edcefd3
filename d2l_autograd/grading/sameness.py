"""Whether two answers are the same code, whatever their names, layout and comments."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from d2l_autograd.course.calls import checked_by
from d2l_autograd.grading.names import names_of

# Nodes of the syntax tree. -1 / x**2 is what anybody writes, and has 14; a product rule has 30.
_LEAST_OF_THE_BOOK, _LEAST_OF_TWO = 26, 40


@dataclass(frozen=True)
class AnswerCode:
    """What the code of an answer has in common with that of others.

    Attributes:
        print: the same for all code that differs in names, layout, comments and docstrings only.
        size: nodes of the syntax tree.
    """

    print: str
    size: int

    def is_of_the_book(self, solutions: Sequence[AnswerCode]) -> bool:
        """Whether this is a solution of the chapter, and not so short that it had to be."""
        return self.size >= _LEAST_OF_THE_BOOK and self.print in {one.print for one in solutions}

    @property
    def tells(self) -> bool:
        """Whether it is long enough for two to be equal by no accident."""
        return self.size >= _LEAST_OF_TWO


def answers_in(sources: Sequence[str]) -> Iterator[tuple[str, AnswerCode]]:
    """Yield the number of an exercise and the code of its answer for each call of check_answer.

    What an answer is made of is looked for in the cell of the call and in those before it, which
    the caller chooses.
    """
    statements: list[ast.stmt] = []
    for source in sources:
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for statement in body:
            for call in ast.walk(statement):
                if (asked := checked_by(call)) is not None:
                    yield asked[0], _code_of(asked[1], statements)
            statements.append(statement)


def _code_of(answer: ast.expr, before: Sequence[ast.stmt]) -> AnswerCode:
    """The answer and, of the statements before it, those that it is made of."""
    parts: list[ast.stmt] = [ast.Expr(answer)]
    wanted = _uses(parts[0])
    for statement in reversed(before):
        names = names_of(ast.unparse(statement))
        if names.gives & wanted and not isinstance(statement, (ast.Import, ast.ImportFrom)):
            parts.insert(0, statement)
            wanted = (wanted - names.surely) | _uses(statement)
    text = "\n".join(map(ast.unparse, parts))
    bare = _Bare().visit(ast.parse(text))
    return AnswerCode(
        hashlib.sha256(ast.dump(bare).encode()).hexdigest()[:16],
        sum(not isinstance(node, (ast.expr_context, ast.operator)) for node in ast.walk(bare)),
    )


def _uses(statement: ast.stmt) -> set[str]:
    names = names_of(ast.unparse(statement))
    return names.mentions | names.later


class _Bare(ast.NodeTransformer):
    """Code without docstrings and annotations, and with numbers for the names that it gives."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def visit_Module(self, node: ast.Module) -> ast.AST:
        for part in ast.walk(node):
            if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
                self._number(part.name)
            elif isinstance(part, ast.arg):
                self._number(part.arg)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self._number(part.id)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if ast.get_docstring(node, clean=False) is not None and len(node.body) > 1:
            del node.body[0]
        node.name, node.returns = self._numbers[node.name], None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._numbers[node.name]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._numbers[node.arg], None)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._numbers.get(node.id, node.id), node.ctx)

    def _number(self, name: str) -> None:
        self._numbers.setdefault(name, f"name {len(self._numbers)}")
