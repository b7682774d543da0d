"""The learner's predictions: what was expected, before anything was run.

They stand in `predictions.json` beside the file of progress: the question, the answer that was
chosen, and whether it was right. The first answer counts, and only that. Like the progress, the
file never leaves the machine and may be deleted at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..support.words import shown
from . import solved


@dataclass(frozen=True)
class Question:
    """A question with a choice of answers.

    question  what will happen?
    choices   the answers to choose from, at least two
    answer    the right one of them
    why       what happens, and the reason

    Raises ValueError where the answer is not among the choices, or a choice stands there twice.
    """

    question: str
    choices: Sequence[str]
    answer: str
    why: str

    def __post_init__(self) -> None:
        for name in ("question", "answer", "why"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name}={shown(getattr(self, name))} must be a text")
        if isinstance(self.choices, str) or not isinstance(self.choices, Sequence):
            raise ValueError(f"choices={shown(self.choices)} must be a list of texts")
        choices = tuple(self.choices)
        if len(choices) < 2 or not all(isinstance(choice, str) for choice in choices):
            raise ValueError(f"choices={shown(self.choices)} must be at least two texts")
        if len(set(choices)) < len(choices):
            raise ValueError(f"choices={shown(self.choices)} holds the same text twice")
        if self.answer not in choices:
            raise ValueError(f"answer={shown(self.answer)} must be one of the choices, {choices}")
        object.__setattr__(self, "choices", choices)


def chosen(question: Question) -> str | None:
    """Return what the learner has predicted, or None if that is still to come."""
    choice = _read().get(question.question, ("", False))[0]
    return choice if choice in question.choices else None


def commit(question: Question, choice: str) -> str:
    """Keep the learner's prediction, unless there is one; return a message if it cannot be kept.

    Raises ValueError for what is not one of the choices.
    """
    if choice not in question.choices:
        raise ValueError(f"choice={shown(choice)} must be one of {question.choices}")
    if chosen(question) is not None:
        return ""
    try:
        with solved.changed(solved.path().with_name("predictions.json")) as kept:
            if chosen(question) is None:  # another kernel may have committed meanwhile
                kept[question.question] = (choice, choice == question.answer)
    except OSError as error:
        return f"(your prediction could not be saved: {error.strerror})"
    return ""


@dataclass(frozen=True)
class Predictions:
    """How many predictions were made, and how many of them were right."""

    made: int
    right: int

    def __repr__(self) -> str:
        return f"{self.right} of {self.made} predictions right"


def predictions() -> Predictions:
    """Return how many predictions were made so far, and how many were right."""
    kept = _read().values()
    return Predictions(len(kept), sum(right for _, right in kept))


def _read() -> dict[str, tuple[str, bool]]:
    """Return {question: (choice, whether it was right)}; nothing if no file can be read."""
    try:
        stored = solved.stored_in(solved.path().with_name("predictions.json"))
        whole = {q: v for q, v in stored.items() if isinstance(v, list) and len(v) == 2}
        return {str(q): (str(choice), bool(right)) for q, (choice, right) in whole.items()}
    except (OSError, ValueError, AttributeError):
        return {}
