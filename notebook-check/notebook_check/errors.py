"""What the check says when there is nothing to compare."""


class NotebookError(Exception):
    """A notebook, a rule or an option that cannot be used: one line that says what to write."""


class CellError(Exception):
    """A cell that could not be executed to its end: one line that says why."""
