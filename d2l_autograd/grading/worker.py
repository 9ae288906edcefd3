"""A process that marks notebooks, one after the other, each in children of its own.

It imports what its children need, and uses none of it, so that they are quick to start.
It reads a request in a line of its standard input, and answers in a line of its standard output.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from d2l_autograd.grading.processes import Child, Ended, Limits, Send, become_watcher
from d2l_autograd.grading.reading import HandedIn, UnreadableError, read
from d2l_autograd.grading.results import OUTCOMES, Marked, Result
from d2l_autograd.grading.sameness import AnswerCode

_TOTAL = 5  # times the seconds of a cell, for all cells
_CHECK_AT_LEAST = 12.0  # seconds: a check ends an answer that takes 10 itself, with a hint
_HINT, _CODE = 2000, 20_000  # characters of a hint and of an answer that are kept


def main() -> None:
    """Import, say that it is ready, and mark what is asked for until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    become_watcher()
    _import_all()
    if (threads := len(os.listdir("/proc/self/task"))) > 1:
        sys.exit(f"{threads} threads after the imports: a fork would tear them apart")
    probe = Child(lambda send: None, Limits(60, 60, 1e12))
    apart = any(message.get("apart") is True for message in probe)
    print(json.dumps({"apart": apart}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        job = Job(
            Path(request["path"]),
            request["chapter"],
            request["lang"],
            request["seconds"],
            request["memory"],
            tuple(map(Path, request["hidden"])),
        )
        print(json.dumps(job.mark().as_data()), file=answers, flush=True)


def _import_all() -> None:
    import cloudpickle  # noqa: F401
    import IPython.core.interactiveshell  # noqa: F401
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot
    import mindspore  # noqa: F401

    import d2l_autograd
    from d2l_autograd.course.answers import chapter_numbers, exercises_of

    for number in chapter_numbers():
        exercises_of(number)
    for name in d2l_autograd.__all__:
        getattr(d2l_autograd, name)


class Job:
    """One notebook to be marked."""

    def __init__(
        self,
        path: Path,
        chapter: str | None,
        lang: str,
        seconds: float,
        memory: float,
        hidden: tuple[Path, ...],
    ) -> None:
        """Take the file, its chapter if that is given, and what its code may take and not see."""
        self._path, self._chapter, self._lang = path, chapter, lang
        self._limits = Limits(seconds, _TOTAL * seconds, memory)
        self._hidden = hidden

    def mark(self) -> Marked:
        """Read the notebook, run its cells, check its answers."""
        handed_in = self._read()
        if isinstance(handed_in, Marked):
            return handed_in
        from d2l_autograd.course.answers import exercises_of

        marked = Marked(handed_in.chapter, curious=handed_in.curious)
        answers, failed = self._run(handed_in)
        for name in exercises_of(handed_in.chapter):
            result = self._result(name, answers, failed, handed_in)
            places = handed_in.places.get(name, ())
            if result.outcome != "unanswered":
                result.code = "\n\n".join(handed_in.cells[place] for place in places)[:_CODE]
            if (code := handed_in.codes.get(name)) is not None and result.outcome == "right":
                result.print = code.print if code.tells else ""
                result.of_the_book = name in handed_in.of_the_book
            marked.results[name] = result
        return marked

    def _read(self) -> HandedIn | Marked:
        """Read the file, in a child: what it holds may take any time and memory."""

        def work(send: Send) -> None:
            try:
                send(read=asdict(read(self._path, self._chapter)))
            except UnreadableError as error:
                send(unreadable=error.reason, details=error.details)

        child = Child(work, self._limits)
        found: HandedIn | Marked | None = None
        for message in child:
            if "read" in message:
                data = message["read"]
                codes = {n: AnswerCode(**code) for n, code in data.pop("codes").items()}
                found = HandedIn(**data, codes=codes)
            elif "unreadable" in message:
                found = Marked(reason=message["unreadable"], details=message["details"])
        if found is None:
            ended = child.ended or Ended("exit", {"status": 0})
            found = Marked(reason=ended.reason, details=ended.details)
        return found

    def _run(self, handed_in: HandedIn) -> tuple[dict[str, Any], dict[int, Ended]]:
        """Return the answers, by exercise, and why cells failed, by number.

        A cell that ended its process is left out when the others are run again.
        """
        answers: dict[str, Any] = {}
        failed: dict[int, Ended] = {}
        left_out: set[int] = set()
        while True:
            cells = [(n, handed_in.cells[n]) for n in handed_in.plan if n not in left_out]
            child = Child(partial(_run_cells, cells), self._limits, self._hidden)
            place: int | None = None
            for message in child:
                match message:
                    case {"step": int(number)} if number in handed_in.plan:
                        place = number
                        failed.pop(place, None)
                    case {"raised": str(text)} if place is not None:
                        failed[place] = Ended("raised", {"error": text[:400]})
                    case {"answer": str(name)}:
                        answers[name] = message
            if child.ended is None or place is None or place in left_out:
                break
            failed[place] = child.ended
            left_out.add(place)
            if child.ended.reason == "total" or len(left_out) > _TOTAL:
                break
        if child.ended is not None:
            for after in handed_in.plan:
                if place is None or after > place:
                    failed.setdefault(after, child.ended)
        return answers, failed

    def _result(
        self, name: str, answers: dict[str, Any], failed: dict[int, Ended], handed_in: HandedIn
    ) -> Result:
        match answers.get(name):
            case {"pickled": str(pickled), "sources": dict(sources)}:
                return self._checked(name, pickled, sources)
            case {"cannot_be_sent": str(why)}:
                return Result("failed", reason="not_sent", details={"error": why[:400]})
        for place in handed_in.places.get(name, ()):
            if place in failed:
                return Result("failed", reason=failed[place].reason, details=failed[place].details)
        return Result("unanswered")

    def _checked(self, name: str, pickled: str, sources: dict[str, Any]) -> Result:
        """What a check of an answer finds, in a child that has run nothing of the student's."""
        token = secrets.token_hex(16)
        seconds = max(self._limits.seconds, _CHECK_AT_LEAST)
        limits = Limits(seconds, seconds, self._limits.memory)
        child = Child(
            partial(_check, name, pickled, sources, self._lang, token),
            limits,
            self._hidden,
        )
        found: dict[str, Any] = {}
        for message in child:
            if message.get("token") == token:
                found = message
        match found:
            case {"result": "failed", "hint": str(hint)}:
                return Result("failed", reason="not_sent", details={"error": hint[:400]})
            case {"result": "tampered"}:
                return Result("failed", reason="tampered")
            case {"result": str(result), "hint": str(hint)} if result in OUTCOMES:
                return Result(result, hint=hint[:_HINT])
        ended = child.ended or Ended("exit", {"status": 0})
        return Result("failed", reason=ended.reason, details=ended.details)


def _run_cells(cells: Sequence[tuple[int, str]], send: Send) -> None:
    from d2l_autograd.grading.running import run_cells

    _use_mindspore()
    run_cells(cells, send)


def _check(
    name: str, pickled: str, sources: dict[str, Any], lang: str, token: str, send: Send
) -> None:
    from d2l_autograd.grading.checking import check
    from d2l_autograd.session import prepare

    _use_mindspore()
    prepare(0)
    check(name, base64.b64decode(pickled), sources, lang, token, send)


def _use_mindspore() -> None:
    from d2l_autograd.mindspore_internals.modes import forked_unused

    forked_unused()


if __name__ == "__main__":
    main()
