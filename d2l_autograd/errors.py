"""The error for people."""


class GradientError(ValueError):
    """A derivative was asked for that does not exist or cannot be computed rightly.

    The message says what was given, what was expected and what to write instead.
    """
