"""What marking finds: of each exercise of a notebook, and of the notebook."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

OUTCOMES = ("right", "wrong", "unanswered", "failed")


@dataclass
class Result:
    """What became of an exercise.

    Attributes:
        outcome: one of `OUTCOMES`.
        hint: the hint for a wrong answer.
        reason: the key of why it failed, one of `words.REASONS`, with its ``details``.
        code: the cells with the answer, as they were handed in.
        print: of a right answer, what equal code has in common; empty if that says nothing.
        of_the_book: whether it is the book's own solution.
    """

    outcome: str = "unanswered"
    hint: str = ""
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    print: str = ""
    of_the_book: bool = False


@dataclass
class Marked:
    """A notebook that was marked.

    Attributes:
        chapter: the number of its chapter, or nothing where that is not known.
        results: by exercise, all of the chapter.
        reason: why the notebook as a whole failed, or nothing; see `Result.reason`.
        curious: words in its code that are not usual there.
    """

    chapter: str = ""
    results: dict[str, Result] = field(default_factory=dict)
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    curious: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """As plain data, to be sent."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Marked:
        """What was sent."""
        results = {name: Result(**result) for name, result in data.pop("results").items()}
        return cls(results=results, **data)
