"""The HTML page in a real browser: it needs nothing else, a keyboard is enough, and it has a dark mode."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from review.changes import Component, StackReport
from review.page import page
from review.picture import picture
from tests.unit.review_samples import HOSTILE, report, stack

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Show = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        why = f"needs a browser, one of {', '.join(_NAMES)} on PATH: apt-get install chromium"
        # A developer may do without; a check that everybody relies on may not.
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield found
        found.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """A page in a context without a network; what it complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(html: str, **options: str) -> Page:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(offline=True, **options)  # type: ignore[arg-type]
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda said: complaints.append(said.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.on(
            "request",
            lambda asked: None if asked.url == path.as_uri() else complaints.append(asked.url),
        )
        shown.goto(path.as_uri())
        return shown

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.identifiers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [given[it] or "" for it in ("src", "href", "action") if it in given]
        self.identifiers += [given["id"] or ""] if "id" in given else []


def test_the_page_refers_to_itself_only() -> None:
    html = page(report(stack(), stack("other")))
    references = _References()
    references.feed(html)
    assert references.found
    assert all(it.startswith("#") for it in references.found)
    assert {it[1:] for it in references.found} <= set(references.identifiers)
    assert "url(http" not in html
    assert "@import" not in html


def test_what_may_be_lost_is_loud_and_first(show: Show) -> None:
    shown = show(page(report()))
    text = shown.inner_text("main")
    assert text.index("What may be lost") < text.index("Guards that are lost")
    assert text.index("is protected") < text.index("tcp 22 from 0.0.0.0/0")
    alarm = shown.locator(".alarm").first
    assert "postgres-1" in alarm.inner_text()
    assert alarm.is_visible()


def test_a_keyboard_is_enough(show: Show) -> None:
    shown = show(page(report()))
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "Skip to the report"
    shown.keyboard.press("Enter")
    assert shown.evaluate("location.hash") == "#content"
    reached = []
    for _ in range(40):
        shown.keyboard.press("Tab")
        reached.append(
            shown.evaluate(
                "document.activeElement.closest('a, summary, button')?.textContent ?? ''"
            )
        )
        if "postgres" in reached[-1] and shown.evaluate("document.activeElement.tagName") == "a":
            break
    else:
        pytest.fail(f"the picture's boxes are not reached: {reached}")
    outline = shown.evaluate(
        "getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth"
    )
    assert outline == "4px"
    shown.keyboard.press("Enter")
    shown.wait_for_function("document.activeElement.tagName === 'SUMMARY'")
    details = shown.locator("#stack-0-1")
    assert details.get_attribute("open") is not None
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    assert details.get_by_text("instanceClass: small => large").is_visible()


def test_all_is_opened_and_closed_at_once(show: Show) -> None:
    shown = show(page(report()))
    total = shown.locator("details").count()
    shown.get_by_role("button", name="Open all").press("Enter")
    assert shown.locator("details[open]").count() == total
    shown.get_by_role("button", name="Close all").press("Space")
    assert shown.locator("details[open]").count() == 0


_CONTRAST = """
() => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((it) => {
      const part = it / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const behind = (it) => {
    for (let at = it; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const worst = [];
  for (const it of document.querySelectorAll("main *, header *")) {
    const own = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || it.closest("svg")) continue;
    const one = light(getComputedStyle(it).color), other = light(behind(it));
    worst.push([(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), it.outerHTML]);
  }
  return worst.filter(([ratio]) => ratio < 4.5).map(([ratio, html]) => `${ratio} ${html.slice(0, 80)}`);
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_colour_schemes(show: Show, scheme: str) -> None:
    """Contrast by https://www.w3.org/TR/WCAG22/#contrast-minimum."""
    shown = show(page(report()), color_scheme=scheme)
    shown.get_by_role("button", name="Open all").click()
    assert shown.evaluate(_CONTRAST) == []
    back = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") is (scheme == "light")
    fill = shown.evaluate("getComputedStyle(document.querySelector('svg.graph text')).fill")
    assert (sum(map(int, re.findall(r"\d+", fill))) > 380) is (scheme == "dark")


def test_hostile_texts_stay_texts(show: Show) -> None:
    words = HOSTILE + "\"'></code></svg><img src=x onerror=\"document.title='owned'\">"
    given = report(stack(name=words, words=words))
    component = Component(name=words, type=words, resources=1)
    hostile = replace(given.stacks[0], components=(component,))
    shown = show(page(replace(given, base=words, commit=words, head=words, stacks=(hostile,))))
    assert shown.title() == f"Preview against {words}"
    assert shown.locator("img").count() == 0
    assert shown.locator("script").count() == 1
    assert words in shown.inner_text("h1")


def test_no_script_but_the_page_s_own_may_run(browser: Browser, tmp_path: Path) -> None:
    html = page(report()).replace("</main>", "<script>document.title = 'owned'</script></main>")
    path = tmp_path / "report.html"
    path.write_text(html, encoding="utf-8")
    shown = browser.new_page()
    said: list[str] = []
    shown.on("console", lambda it: said.append(it.text))
    shown.goto(path.as_uri())
    assert shown.title() == "Preview against main"
    assert any("Content Security Policy" in it for it in said)
    shown.close()


def test_a_stack_that_could_not_be_compared_says_why(show: Show) -> None:
    failed = StackReport(stack="broken", outcome="failed", message="main cannot:\n  why")
    shown = show(page(report(failed)))
    assert "why" in shown.locator(".alarm").inner_text()


def test_the_picture_has_every_component_and_what_it_needs() -> None:
    chain = [
        Component(name=f"c{number}", type="t", resources=1, needs=(f"c{number - 1}", "c0"))
        for number in range(6)
    ]
    alone = Component(name="alone <&>", type="t", resources=1, changes={"delete": 1})
    drawn = picture([*chain, alone], "label <&>", [f"a{number}" for number in range(7)])
    assert drawn.count("<a ") == 7
    # c1 needs c0; the others' need of it is told by the chain.
    assert drawn.count('class="needs"') == 5
    assert "alone &lt;&amp;&gt;" in drawn
    assert 'class="component delete"' in drawn


def test_components_that_need_each_other_are_drawn_too() -> None:
    pair = [
        Component(name="a", type="t", resources=1, needs=("b",)),
        Component(name="b", type="t", resources=1, needs=("a",)),
    ]
    assert picture(pair, "pair", ["x", "y"]).count("<a ") == 2
