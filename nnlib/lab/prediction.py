"""A prediction by a click: first commit, then see the answer and why."""

import html
import re
from collections.abc import Sequence

import anywidget
import traitlets

from ..exercises import predicted
from .copies import NotCopied
from .widget import script, style_sheet


class Prediction(NotCopied, anywidget.AnyWidget):
    """A question with its choices; the answer and the reason come when one was committed to.

    question  what will happen?
    choices   the answers to choose from, at least two
    answer    the right one of them
    why       what happens, and the reason; `code` may stand between backticks

    Made by `predict`, which takes the same. The first answer is kept with the progress, and shown
    when the cell is run again; `exercises.predictions()` counts them. A question is known by its
    text, so no two may have the same. Where no kernel runs, the answer is folded.
    """

    _esm = script("prediction.js")
    _css = style_sheet()

    question = traitlets.Unicode().tag(sync=True)
    choices: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    # What was committed to; empty before.
    chosen = traitlets.Unicode().tag(sync=True)
    # Both are empty until then.
    verdict = traitlets.Unicode().tag(sync=True)
    why = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, choices: Sequence[str], answer: str, why: str):
        self._asked = predicted.Question(question, choices, answer, why)
        super().__init__(question=question, choices=list(self._asked.choices))
        self.on_msg(lambda _, message, buffers: self.commit(str(message.get("commit", ""))))
        before = predicted.chosen(self._asked)
        if before is not None:
            self._answer(before)

    def commit(self, choice: str) -> None:
        """Commit to one of the choices; the first time counts.

        Raises ValueError for what is not one of them.
        """
        if not self.chosen:
            message = predicted.commit(self._asked, choice)
            self._answer(predicted.chosen(self._asked) or choice, message)

    def _answer(self, choice: str, message: str = "") -> None:
        right = choice == self._asked.answer
        verdict = "Right." if right else f"Not this time: {self._asked.answer}."
        with self.hold_sync():
            self.why = self._asked.why
            self.verdict = f"{verdict} {message}".rstrip()
            self.chosen = choice

    def __repr__(self) -> str:
        choices = "\n".join(f"  ( ) {choice}" for choice in self.choices)
        return f"Predict: {self.question}\n{choices}"

    def _ipython_display_(self) -> None:
        """Show the question, and above it the one that is read only where no kernel runs."""
        from IPython.display import display

        # The words once, or a saved page, where the second is all words, would ask twice.
        display({"text/html": self._folded(), "text/plain": repr(self)}, raw=True)
        data, metadata = self._repr_mimebundle_()  # type: ignore[misc]
        display(data | {"text/plain": ""}, metadata=metadata, raw=True)

    def _folded(self) -> str:
        """Return question, choices and, folded, the answer: what needs no kernel."""
        asked = self._asked
        choices = "".join(f"<li>{_as_html(choice)}</li>" for choice in asked.choices)
        return (
            f'<div class="nnlib-asleep"><strong>Predict:</strong> {_as_html(asked.question)}'
            f"<ul>{choices}</ul><details><summary>The answer</summary><p>"
            f"<strong>{_as_html(asked.answer)}.</strong> {_as_html(asked.why)}</p></details></div>"
        )


def predict(question: str, choices: Sequence[str], answer: str, why: str) -> Prediction:
    """Return a `Prediction`, which a cell shows: commit first, then see the answer.

    question  what will happen?
    choices   the answers to choose from, at least two
    answer    the right one of them
    why       what happens, and the reason

    Raises ValueError where the answer is not among the choices, or a choice stands there twice.
    """
    return Prediction(question, choices, answer, why)


def _as_html(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
