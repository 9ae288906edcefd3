"""What is printed in the chapters, changed."""

from collections.abc import Mapping

from mutation import C1, C2, C3, Mutation, Nbval, Notebook, by_id, replaced

PRINTED: Mapping[str, tuple[str, str, str, str, str, Nbval]] = {
    "a digit": (C3, "walk-x", "48.0 28.0", "48.1 28.0", "48.1 is now 48.0", "fails"),
    "a sign": (C1, "function-table", "4.0 -20.0", "4.0 20.0", "20.0 is now -20.0", "fails"),
    "0.1 %": (C3, "check-random-run", "2.089319", "2.091408", "(rel. 1.0e-03)", "fails"),
    "an exponent": (C1, "tangent-error", "1.4e-02", "1.4e-03", "1.4e-03 is now", "fails"),
    "nan for a number": (C3, "walk-x", "48.0 28.0", "48.0 nan", "nan is now 28.0", "fails"),
    "inf for a number": (C3, "walk-x", "48.0 28.0", "-inf 28.0", "line 1: ", "fails"),
    "a whole number": (C3, "run-count", "5.0 3 27.0", "5.0 4 27.0", "4 is now 3", "fails"),
    "whole for broken": (C3, "walk-x", "48.0 28.0", "48 28.0", "(whole or not)", "fails"),
    "thousands": (C3, "cost-paths", "59,049", "59,048", "048 is now", "fails"),
    "an element missing": (C3, "walk-x", "[48.0, 28.0]", "[48.0]", "line 2: ", "fails"),
    "an element more": (C3, "walk-x", "[48.0, 28.0]", "[48.0, 28.0, 1.0]", "line 2: ", "fails"),
    "a shape": (
        C3, "modes-jacobian", "[[ 4.  2.]\n [48. 28.]]", "[ 4.  2. 48. 28.]", "line 1: ", "fails"),
    "a word": (C3, "check-chain", "True", "False", "False is now True", "fails"),
    "a mark": (C2, "solution-5-code", "✓ 02.5", "… 02.5", "… is now ✓", "fails"),
    "an error's message": (C2, "vector-refuse-code", "scalar", "number", "is now scalar", "fails"),
    "a line missing": (
        C1, "descent-loop", "2 [1.92, 0.04] 3.693\n", "", "line 3: 3 is now 2", "fails"),
    "a line twice": (
        C1, "descent-loop", "2 [1.92, 0.04] 3.693\n", "2 [1.92, 0.04] 3.693\n" * 2,
        "2 is now 3", "fails"),
    "lines exchanged": (
        C1, "descent-loop", "1 [2.4, 0.2] 5.92\n2 [1.92, 0.04] 3.693\n",
        "2 [1.92, 0.04] 3.693\n1 [2.4, 0.2] 5.92\n",
        "2 is now 1", "fails"),
    "a line added": (C1, "descent-loop", "5 [0.98", "loss\n5 [0.98", "loss is now 5", "fails"),
    "space between words": (C2, "another-accumulate", "]\n[", "] [", "white space", "fails"),
    "the last digits of a sum": (C3, "check-random-run", "2.089319", "2.089325", "", "fails"),
    "a digit more": (C3, "check-random-run", "2.089319", "2.0893191", "", "fails"),
    "white space in an array": (C3, "modes-jacobian", "[[ 4.  2.]", "[[4. 2.]", "", "fails"),
}  # fmt: skip


def _printed(row: tuple[str, str, str, str, str, Nbval]) -> Mutation:
    chapter, cell_id, old, new, reason, nbval = row

    def change(notebook: Notebook) -> None:
        outputs = by_id(notebook, cell_id).outputs
        output = next(out for out in outputs if out.output_type == "stream")
        output.text = replaced(output.text, old, new)

    return Mutation(chapter, change, cell_id if reason else "", reason, nbval)


PRINTED_MUTATIONS = {name: _printed(row) for name, row in PRINTED.items()}
