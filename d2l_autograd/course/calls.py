"""Calls of ``check_answer`` in code: which exercises a cell checks, and with what."""

from __future__ import annotations

import ast


def checked_by(node: ast.AST) -> tuple[str, ast.expr] | None:
    """The number and the answer that a call of check_answer is given, if a node is one."""
    if not isinstance(node, ast.Call) or len(node.args) < 2:
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    number = node.args[0]
    if name != "check_answer" or not isinstance(number, ast.Constant):
        return None
    return (number.value, node.args[1]) if isinstance(number.value, str) else None


def checks_in(source: str) -> list[tuple[str, str]]:
    """Each exercise that a cell checks, with the code of the answer; none in what is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    found = filter(None, map(checked_by, ast.walk(tree)))
    return [(number, ast.unparse(answer)) for number, answer in found]
