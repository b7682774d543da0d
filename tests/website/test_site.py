"""The site of `make site`, page by page, in a browser that reaches nothing but it."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import expect

from .conftest import ROOT

pytestmark = pytest.mark.nightly

LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
PAGES = [
    *(f"{path.stem}.html" for path in sorted((ROOT / "docs" / "site").glob("*.md"))),
    *(f"notebooks/{name.removesuffix('.ipynb')}.html" for name in LESSONS),
    *(
        f"docs/{path.stem}.html"
        for path in sorted((ROOT / "docs").glob("*.md"))
        if path.name != "README.md"
    ),
]

AUDIT = """async (rules) => {
    const only = rules ? {runOnly: {type: 'rule', values: rules}} : {};
    const found = await axe.run(document, {resultTypes: ['violations'], preload: false, ...only});
    return found.violations
        .filter((v) => ['serious', 'critical'].includes(v.impact))
        .map((v) => ({id: v.id, nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200))}));
}"""

# What reaches beyond the window, and does not lie in something that scrolls or cuts off.
STICKING_OUT = """() => {
    const room = document.documentElement.clientWidth;
    const held = (e) => {
        for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
            if (getComputedStyle(p).overflowX !== 'visible') return true;
        }
        return false;
    };
    // (On a phone the contents of a page wait beside the window.)
    const parts = 'article *, .bd-header-article *, .prev-next-area *, footer *';
    const out = [...document.querySelectorAll(parts)].filter((e) => {
        const box = e.getBoundingClientRect();
        return box.width && e.checkVisibility() && box.right > room + 1 && !held(e);
    });
    const sideways = document.documentElement.scrollWidth > room ? ['the page itself'] : [];
    return [...sideways, ...out.map((e) => e.outerHTML.slice(0, 120))];
}"""


class Links(HTMLParser):
    """The links of a page, its anchors, and the addresses of what it loads."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.anchors, self.loads = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") not in ("canonical", "search", "index"):
            self.loads.append(found["href"])
        elif found.get("src"):
            self.loads.append(found["src"])


@pytest.fixture(scope="module")
def read(site):
    """Every page as `Links`, by its path."""
    return {page: Links((site.folder / page).read_text(encoding="utf-8")) for page in site.pages}


def test_every_lesson_and_every_page_of_docs_is_there(site):
    assert set(PAGES) <= set(site.pages)


def test_no_link_within_the_site_is_broken_and_nothing_is_loaded_from_elsewhere(site, read):
    broken = []
    for page, found in read.items():
        for link in [*found.links, *found.loads]:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data") and link in found.links:
                continue
            path = unquote(urljoin(f"/{page}", parts.path)).lstrip("/") or "index.html"
            anchors = read[path].anchors if path in read else set()
            anchor = unquote(parts.fragment)
            if parts.scheme or not (site.folder / path).is_file():
                broken.append((page, link))
            elif anchor and path in read and anchor not in anchors:
                broken.append((page, link))
    assert broken == []


def test_a_lesson_offers_the_notebook_as_it_is_in_the_repository(site, read):
    for name in LESSONS:
        page = f"notebooks/{name.removesuffix('.ipynb')}.html"
        assert name in read[page].links
        ours = (ROOT / "notebooks" / name).read_bytes()
        assert (site.folder / "notebooks" / name).read_bytes() == ours


def test_the_course_for_the_browser_is_part_of_the_site_and_each_lesson_leads_into_it(site, read):
    assert (site.folder / "lite" / "index.html").is_file()
    assert "lite/index.html" in read["run.html"].links
    for name in LESSONS:
        links = read[f"notebooks/{name.removesuffix('.ipynb')}.html"].links
        assert f"../lite/lab/index.html?path={name}" in links


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_and_axe_finds_no_serious_violation(window, page):
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    opened = window.open(page)
    opened.evaluate(f"{axe}; null")
    assert opened.evaluate(STICKING_OUT) == []
    assert opened.evaluate(AUDIT) == []
    # Only these two rules can tell the themes, or the widths, apart.
    opened = window.open(page, width=400, theme="dark")
    opened.evaluate(f"{axe}; null")
    assert opened.evaluate(STICKING_OUT) == []
    assert opened.evaluate(AUDIT, ["color-contrast", "scrollable-region-focusable"]) == []
    nameless = "images => images.filter((i) => !i.alt.trim()).map((i) => i.src)"
    assert opened.locator("main img").evaluate_all(nameless) == []


def test_the_layout_test_sees_what_sticks_out(window):
    opened = window.open("run.html", width=400)
    opened.evaluate("() => document.querySelector('main p').style.setProperty('width', '900px')")
    assert len(opened.evaluate(STICKING_OUT)) >= 2


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("notebooks/")])
def test_every_formula_is_set(window, page):
    opened = window.open(page)
    source = json.loads((ROOT / page.replace(".html", ".ipynb")).read_text(encoding="utf-8"))
    text = "".join("".join(c["source"]) for c in source["cells"] if c["cell_type"] == "markdown")
    assert opened.locator("mjx-container").count() >= text.count("$$") // 2
    assert opened.locator("mjx-merror").count() == 0
    # None is left as it was written, but in code.
    left = opened.evaluate(
        """() => {
            const body = document.querySelector('article').cloneNode(true);
            body.querySelectorAll('pre, code, script, mjx-container').forEach((e) => e.remove());
            return body.textContent;
        }"""
    )
    assert re.findall(r"\\[a-z]+|\$\$|\\\(", left) == []


def test_solutions_are_folded_until_they_are_opened(window):
    opened = window.open("notebooks/01_forward.html")
    solution = opened.locator("details", has_text="Solution").first
    expect(solution.locator("pre").first).to_be_hidden()
    solution.locator("summary").press("Enter")
    expect(solution.locator("pre").first).to_be_visible()


def test_search_finds_a_word_and_leads_to_its_page(window):
    opened = window.open("search.html?q=glossary")
    found = opened.locator("#search-results a", has_text=re.compile("labs", re.IGNORECASE)).first
    found.click()
    expect(opened).to_have_url(re.compile("notebooks/90_labs_and_teachers.html"))


def test_from_the_first_lesson_to_the_last_by_the_link_to_the_next(window):
    opened = window.open("notebooks/00_start.html")
    for name in LESSONS[1:]:
        opened.locator("a.right-next").click()
        expect(opened).to_have_url(re.compile(name.removesuffix(".ipynb")))
