"""The engine under all exercises: check, verdict, hints.

A check calls the learner's function with random arguments and compares what comes back
with the right answer. If they differ, every known mistake is made on purpose with the same
arguments: the one that gives the learner's very numbers is the diagnosis. So a
mistake is recognized by its results, never by how the code is written.
"""

import contextlib
import copy
import functools
import html
import inspect
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..support.whose_line import is_file_of, whose_line
from . import solved
from .compare import contrast, differ, difference, largest, show
from .mine import keep_solved
from .shown import Shown

DRAWS = 3  # so often a function must be right, each time with new numbers
OUTCOMES = ("correct", "incorrect", "not attempted")


@dataclass(frozen=True)
class Finding:
    """What is wrong with an attempt.

    why       the mistake, why it is usually made, and what to look at
    called    the call that showed it, as text; empty if none did
    returned  what came back, as text
    expected  what should have come back, as text
    """

    why: str
    called: str = ""
    returned: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Verdict(Shown):
    """What a check says: true if the exercise is solved."""

    exercise: str
    outcome: str
    finding: Finding | None = None
    advice: str = ""

    def __bool__(self) -> bool:
        return self.outcome == "correct"

    def _lines(self) -> list[tuple[str, str]]:
        """Return label and text of each line below the heading."""
        finding = self.finding or Finding("")
        lines = [
            ("called", finding.called),
            ("returned", finding.returned),
            ("expected", finding.expected),
            ("why", finding.why),
            ("next", self.advice),
        ]
        return [(label, text) for label, text in lines if text]

    def __repr__(self) -> str:
        indent = "\n" + " " * 12
        lines = [f"{self.exercise}: {self.outcome}"]
        lines += [f"  {label:<8}  {text.replace(chr(10), indent)}" for label, text in self._lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        colour, sign = {
            "correct": ("#009E73", "✓"),
            "incorrect": ("#D55E00", "✗"),
            "not attempted": ("#8A8A8A", "○"),
        }[self.outcome]
        rows = "".join(
            f'<div style="display: flex; gap: 0.8em"><span style="flex: 0 0 5em; opacity: 0.75">'
            f'{label}</span><span style="white-space: pre-wrap">{html.escape(text)}</span></div>'
            for label, text in self._lines()
        )
        return (
            f'<div role="status" style="border-left: 6px solid {colour}; padding: 4px 12px">'
            f"<strong>{sign} {html.escape(self.exercise)}: {self.outcome}</strong>{rows}</div>"
        )


@dataclass(frozen=True)
class Hint(Shown):
    """One hint.

    count   which of how many it is, in words
    text    the hint itself
    advice  what to do when it does not help
    folded  whether a notebook shows it closed, to be opened by a click
    """

    count: str
    text: str
    advice: str
    folded: bool = False

    def __repr__(self) -> str:
        return f"{self.count}: {self.text}\n{self.advice}"

    def _repr_html_(self) -> str:
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(self.text))
        return (
            f'<details{"" if self.folded else " open"} style="border-left: 6px solid #56B4E9; '
            f'padding: 4px 12px"><summary><strong>{html.escape(self.count)}</strong></summary>'
            f'<div style="white-space: pre-wrap">{text}</div>'
            f'<div style="opacity: 0.75">{html.escape(self.advice)}</div></details>'
        )


@dataclass(frozen=True)
class KnownWrongAnswer:
    """A mistake that is often made.

    why    what is wrong, why it happens, and what to look at
    wrong  the answer with this mistake in it, with the arguments of the exercise: where an
           attempt returns the same numbers, this is the diagnosis
    """

    why: str
    wrong: Callable


class Exercise:
    """What every exercise can do.

    lesson  the notebook it belongs to, for example '01_forward'
    name    what the learner calls the thing to write
    hints   from a nudge to almost the answer
    judge   (attempt, rng) → a Finding, or None if the attempt is right

    A lesson makes its exercises from this class, or from one of the two below, which bring
    their own judge.
    """

    def __init__(self, lesson: str, name: str, *, hints, judge: Callable | None = None):
        self.lesson, self.name, self.hints = lesson, name, tuple(hints)
        self._judge = judge
        self._hints_given = 0
        self._wrong_attempts = 0
        self._wrong_before_hint = 0  # so many when the latest hint was given

    def judge(self, attempt, rng: np.random.Generator) -> Finding | None:
        """Return what is wrong with `attempt`, or None."""
        if self._judge is None:
            raise NotImplementedError
        return self._judge(attempt, rng)

    def check(self, attempt, *, seed: int | None = None) -> Verdict:
        """Show and return whether `attempt` solves the exercise, and if not, why not. Never raises.

        Without a `seed` the numbers that it is tried with are new each time.
        """
        verdict = self._verdict(attempt, seed)
        verdict.show()
        return verdict

    def _verdict(self, attempt, seed: int | None) -> Verdict:
        if attempt is None or attempt is ...:
            return self._not_attempted()
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # what they warn of shows in the numbers
                finding = self.judge(attempt, np.random.default_rng(seed))
        except NotAttempted:
            return self._not_attempted()
        if finding is not None:
            self._wrong_attempts += 1
            return Verdict(self.name, "incorrect", finding, self._advice())
        note = solved.add(self.lesson, self.name)
        with contextlib.suppress(OSError):  # of which the note says enough
            keep_solved(self.name, attempt)
        return Verdict(self.name, "correct", advice=note)

    def hint(self) -> Hint:
        """Show and return a hint: the first, and after each wrong attempt the next one.

        Until then it is the same hint again. Before any attempt it is folded, so that running
        all cells of a notebook gives nothing away.
        """
        if self._hints_given == 0 or self._wrong_attempts > self._wrong_before_hint:
            self._hints_given = min(self._hints_given + 1, len(self.hints))
        self._wrong_before_hint = self._wrong_attempts
        if self._hints_given < len(self.hints):
            advice = "The next hint comes after your next attempt: check it, then run this again."
        else:
            advice = "This is the last hint. The solution is folded below the exercise."
        hint = Hint(
            f"Hint {self._hints_given} of {len(self.hints)}",
            self.hints[self._hints_given - 1],
            advice,
            folded=self._wrong_attempts == 0,
        )
        hint.show()
        return hint

    def _not_attempted(self) -> Verdict:
        return Verdict(
            self.name,
            "not attempted",
            advice=("write your answer in the cell above, run it, then run this cell again"),
        )

    def _advice(self) -> str:
        left = len(self.hints) - self._hints_given
        left_in_words = {0: "", 1: "; one hint is left"}.get(left, f"; {left} hints are left")
        return f"fix it and check again{left_in_words}"

    def __repr__(self) -> str:
        return f"Exercise {self.name} of {self.lesson}"


class NotAttempted(Exception):
    """The stub is as it was: its NotImplementedError came out."""


class ValueExercise(Exercise):
    """The learner gives a number.

    answer     the number, or a function that returns it
    tolerance  how far from it still counts, absolutely
    wrong      {number: why}: wrong answers that are often given
    otherwise  why any other number is wrong, and what to look at
    """

    def __init__(
        self, lesson, name, *, answer, tolerance: float, wrong: dict, otherwise: str, hints
    ):
        super().__init__(lesson, name, hints=hints)
        self._answer, self._tolerance = answer, tolerance
        self._wrong, self._otherwise = wrong, otherwise

    def judge(self, attempt, rng):
        answer = self._answer() if callable(self._answer) else self._answer
        try:
            value = float(attempt)
        except (TypeError, ValueError):
            return Finding(f"{self.name} must be a number", "", show(attempt))
        if abs(value - answer) <= self._tolerance:
            return None
        for number, why in self._wrong.items():
            if abs(value - number) <= self._tolerance:
                return Finding(why, "", show(value))
        return Finding(self._otherwise, "", show(value))


class FunctionExercise(Exercise):
    """The learner writes a function that returns numbers or arrays (or tuples or lists of them).

    answer    the right function; its arguments are the learner's
    cases     (rng) → a list of argument tuples: random numbers, odd shapes, the edge first. What
              tells a mistake from the answer is in them by construction, not by luck
    mistakes  the `KnownWrongAnswer`s that are recognized
    leave     whether the text of the exercise says to leave the arguments as they are; else it
              may change them, as its own copies
    """

    def __init__(self, lesson, name, *, answer, cases, mistakes, hints, leave: bool = False):
        super().__init__(lesson, name, hints=hints)
        self.answer, self.cases, self.mistakes = answer, cases, tuple(mistakes)
        self.leave = leave

    def compared(self, function: Callable) -> Callable:
        """Return what is compared of an answer, as a function of the arguments of a case.

        It is the function itself, unless a lesson hands out or gets back other things than numbers.
        """
        return function

    def judge(self, attempt, rng):
        if not callable(attempt):
            return Finding(f"{self.name} must be a function", "", show(attempt))
        for _ in range(DRAWS):
            if finding := self._try(attempt, self.cases(rng)):
                return finding
        return None

    def _try(self, attempt, cases) -> Finding | None:
        """Return what is wrong with the results of `attempt` in these cases, or None."""
        tried, finding = [], None
        for arguments in cases:
            expected = self.compared(self.answer)(*copy.deepcopy(arguments))
            returned, problem = call(self.compared(attempt), arguments, leave=self.leave)
            tried.append((arguments, returned, problem is None))
            scale = largest(arguments)
            if problem is None and differ(returned, expected, scale):
                problem = difference(returned, expected, scale)
            if problem and finding is None:
                called = self._call_as_text(arguments)
                finding = Finding(problem, called, *contrast(returned, expected, scale))
        if finding is None:
            return None
        why = self._recognise(tried)
        return (
            finding
            if why is None
            else Finding(why, finding.called, finding.returned, finding.expected)
        )

    def _recognise(self, tried) -> str | None:
        """Return why the mistake was made that gives the very results of the attempt."""
        if not any(returns for _, _, returns in tried):
            return None
        for mistake in self.mistakes:
            if all(self._agrees(mistake, *case) for case in tried):
                return mistake.why
        return None

    def _agrees(self, mistake: KnownWrongAnswer, arguments, returned, returns: bool) -> bool:
        try:
            wrong = self.compared(mistake.wrong)(*copy.deepcopy(arguments))
        except Exception:
            return not returns  # the mistake fails here, and so must the attempt
        return returns and not differ(returned, wrong, largest(arguments))

    def _call_as_text(self, arguments) -> str:
        names = list(inspect.signature(self.answer).parameters)
        pairs = zip(names, arguments, strict=False)
        return f"{self.name}({', '.join(f'{name}={show(value)}' for name, value in pairs)})"


def call(function: Callable, arguments: tuple, *, leave: bool = True):
    """Return (what `function` returned, None), or (None, what went wrong in words).

    The function gets copies, and with `leave` it must leave them as they are. Raises NotAttempted
    if it raised NotImplementedError, as a stub does.
    """
    given = copy.deepcopy(arguments)
    try:
        returned = function(*given)
    except NotImplementedError:
        raise NotAttempted from None
    except (Exception, SystemExit) as error:  # exit() ends the answer, not the check
        return None, f"it raised {type(error).__name__}{_where(error, function)}: {error}"
    if leave and differ(given, arguments):
        return returned, (
            "it changed an array that it was given, which the caller still needs. Work "
            "on a new array, for example x = x - y instead of x -= y"
        )
    if returned is None:
        return None, "it returned None: has the function come to its `return`?"
    return returned, None


def _where(error: BaseException, function) -> str:
    """Return the line of the learner's own code that the error came through."""
    line = whose_line(error, is_file_of(function))
    return "" if line is None else f" in line {line.number} of its cell"


def bound(attempt: Callable, *more) -> Callable:
    """Return `attempt` as a function of its first arguments alone; `more` are the others.

    `call` gives it copies of the first ones only, so that a generator among the others moves on.
    """

    @functools.wraps(attempt)  # whose lines an error is told by
    def first_arguments_alone(*arguments):
        return attempt(*arguments, *more)

    return first_arguments_alone
