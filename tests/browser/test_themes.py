"""A change of the theme reaches everything that a lab shows, also while another tab is in front."""

import pytest

from .test_accessibility import NAMES, everyone, shown  # noqa: F401 (a fixture)

pytestmark = pytest.mark.nightly

# The colours of a lab: of what is drawn, and of each of its elements.
LOOK = """
    const look = () => {
        const root = document.querySelector(`[data-test-cell='${cell}'] .nnlib-lab`);
        const colours = (e) => {
            const s = getComputedStyle(e);
            return [s.color, s.backgroundColor, s.borderColor, s.fill, s.stroke].join();
        };
        return {
            drawn: [...root.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()),
            all: [...root.querySelectorAll('*')].map(colours),
        };
    };
"""
REMEMBER = f"cell => {{ {LOOK} window.nnlibLook = look(); }}"
AS_BEFORE = f"cell => {{ {LOOK} return JSON.stringify(look()) === JSON.stringify(nnlibLook); }}"
CHANGED = f"""cell => {{ {LOOK}
    const {{drawn, all}} = look(), other = (now, then) => now.some((one, i) => one !== then[i]);
    return other(all, nnlibLook.all) && (!drawn.length || other(drawn, nnlibLook.drawn));
}}"""


def to_the_front(lab, tab: str) -> None:
    lab.page.evaluate("id => jupyterapp.shell.activateById(id)", tab)
    lab.wait_for_function("id => panel.id === id", tab)


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_has_the_colours_of_the_theme_wherever_it_was_when_that_changed(lab, name):
    cell = NAMES.index(name)
    shown(lab, name)
    lab.evaluate(REMEMBER, cell)
    for theme, condition in (("dark", CHANGED), ("light", AS_BEFORE)):
        lab.set_theme(theme)
        shown(lab, name)
        lab.wait_for_function(condition, cell)

    notebook = lab.page.evaluate("() => jupyterapp.shell.currentWidget.id")
    other = lab.page.evaluate(
        "() => jupyterapp.commands.execute('launcher:create').then((tab) => tab.id)"
    )
    try:
        for theme, condition in (("dark", CHANGED), ("light", AS_BEFORE)):
            to_the_front(lab, other)
            lab.set_theme(theme)
            to_the_front(lab, notebook)
            shown(lab, name)
            lab.wait_for_function(condition, cell)
    finally:
        to_the_front(lab, notebook)
        lab.page.evaluate(
            "id => [...jupyterapp.shell.widgets('main')].find((tab) => tab.id === id).close()",
            other,
        )
