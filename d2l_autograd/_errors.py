"""The error that every helper raises when it has no right answer."""


class GradientError(ValueError):
    """A derivative was asked for that does not exist or cannot be computed rightly.

    The message says what was given, what was expected and what to write instead.
    """
