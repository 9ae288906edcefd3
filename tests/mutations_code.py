"""Code of chapter 3 changed, and really executed."""

from collections.abc import Mapping

from mutation import C3, Mutation, Nbval, Notebook, by_id, nothing, replaced

PLOTTED = "axes.loglog(sizes, forward / program"
CODE: Mapping[str, tuple[str, str, str, str, Nbval]] = {
    "a wrong derivative": ("walk-x", "dx = da * y", "dx = da * x", "48.0 is now 34.0", "fails"),
    "another program drawn": (
        "walk-draw", "b = a + x", "b = a - x", "aria-label of <svg> differs", "fails"),
    "another input": ("run-count", "-20.0, 0.01", "-20.0, 0.02", "0.01 is now 0.02", "fails"),
    "another seed": ("check-random-run", "random.Random(0)", "random.Random(1)", "rel.", "fails"),
    "a print less": ("walk-x", "print(dx, dy)\n", "", "line 1: ", "fails"),
    "a print more": ("walk-x", "print(dx, dy)\n", "print(dx, dy)\n" * 2, "line 2: ", "fails"),
    "a new warning": (
        "walk-a", "da =", "import warnings\nwarnings.warn('beware')\nda =",
        "stdout is now stdout, stderr", "fails"),
    "a new exception": (
        "walk-b", "dc = 1.0", "dc = 1 / 0", "it raised ZeroDivisionError: division by zero",
        "fails"),
    "nothing returned": ("walk-draw", "d2l.draw", "_ = d2l.draw", "result is now no", "fails"),
    "a plot of wrong data": (
        "cost-figure", PLOTTED, "axes.loglog(sizes, reverse / program",
        "line 1 ('forward mode'): y[7] was", "passes"),
    "a plot 0.1 % off": (
        "cost-figure", PLOTTED, "axes.loglog(sizes, 1.001 * forward / program",
        "line 1 ('forward mode'): y[", "passes"),
    "a curve not plotted": (
        "cost-figure", PLOTTED, "0 and axes.loglog(sizes, forward / program",
        "2 lines became 1; missing: 'forward mode'", "passes"),
    "another label": (
        "cost-figure", "axes.set_xlabel(label)", 'axes.set_xlabel("size")',
        "the label was 'n', is 'size'", "passes"),
    "no label": ("cost-figure", "axes.set_xlabel(label)", "", "'n', is absent", "passes"),
    "other limits": (
        "cost-figure", "axes.minorticks_off()", "axes.minorticks_off(); axes.set_xlim(1, 50)",
        "are 1 to 50", "passes"),
    "another scale": (
        "cost-figure", "axes.minorticks_off()", "axes.minorticks_off(); axes.set_yscale('linear')",
        "y axis: the limits were", "passes"),
    "another title": (
        "cost-figure", "1 input, m outputs", "1 input, m results", "the title was", "passes"),
    "another colour": ("cost-figure", "#D55E00", "#000000", "#000000ff", "passes"),
    "no markers": ("cost-figure", '"s-"', '"-"', "marker", "passes"),
    "no legend": ("cost-figure", "panels[0].legend()\n", "", "became 0", "passes"),
    "a figure not shown": (
        "cost-figure", "plt.show()", "plt.close()", "display is now no output", "fails"),
    "a figure shown twice": (
        "cost-figure", "plt.show()", "display(figure)\nplt.show()",
        "display is now display, display", "fails"),
    "printed before a figure": (
        "cost-figure", "plt.show()", "print(1)\nplt.show()", "display is now stdout", "fails"),
    "rounding in the data of a plot": (
        "cost-figure", PLOTTED, "axes.loglog(sizes, (1 + 1e-6) * forward / program", "",
        "passes"),
    "other fonts": (
        "cost-figure", "plt.show()",
        "for text in figure.findobj(plt.Text):\n    text.set_fontsize(9)\nplt.show()", "",
        "passes"),
    "more dots per inch": ("cost-figure", "plt.show()", "figure.set_dpi(150)\nplt.show()",
        "750x340 is now 1125x510", "fails"),
    "other words for the same": (
        "walk-x", "dx = da * y + db * 1", "dx = db + y * da  # both paths", "", "passes"),
}  # fmt: skip


def _code(row: tuple[str, str, str, str, Nbval]) -> Mutation:
    cell_id, old, new, reason, nbval = row

    def given(notebook: Notebook) -> None:
        cell = by_id(notebook, cell_id)
        cell.source = replaced(cell.source, old, new)

    return Mutation(C3, nothing, cell_id if reason else "", reason, nbval, given, edited=cell_id)


CODE_MUTATIONS = {f"code: {name}": _code(row) for name, row in CODE.items()}
