"""The forms of a report: what each says, its limits, and that nothing in it can break out."""

import io
import json
import re
from dataclasses import replace

import pydantic
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from review.changes import Report, StackReport
from review.machine import from_json, schema, to_json
from review.markdown import LIMIT, code, markdown
from review.terminal import show
from tests.unit.review_samples import HOSTILE, report, stack

_SAME = StackReport(stack="calm", outcome="same")
_FAILED = StackReport(stack="broken", outcome="failed", message="main cannot be rehearsed:\n  why")
_EVERYTHING = (
    "postgres-1",
    "is deleted",
    "guard is off",
    "is protected",
    "tcp 22 from 0.0.0.0/0",
    "PUBLIC",
    "tcp 22 from 10.0.0.0/8",
    "3 before, 4 after",
    "storage must be encrypted. Switch it on. [tls-only]",
    "Allow s3:* on *",
    "Allow s3:GetObject on arn:a",
    "global.domain",
    "helmSecrets.license.key: (secret, changed)",
    "password: (secret, changed)",
    "kmsKeyId: (known after up)",
    "https://api.example.com",
    "1 to update, 7 unchanged",
)


def _terminal(given: Report, *, colour: bool = False) -> str:
    out = io.StringIO()
    show(given, Console(file=out, width=110, force_terminal=colour))
    return out.getvalue()


def _markdown(given: Report) -> str:
    return markdown(given, "See the page.")


@pytest.mark.parametrize("written", [_terminal, _markdown])
@pytest.mark.parametrize("words", _EVERYTHING)
def test_everything_is_told(written: object, words: str) -> None:
    assert words in written(report())  # type: ignore[operator]


@pytest.mark.parametrize("written", [_terminal, _markdown])
def test_what_may_be_lost_stands_before_all_else(written: object) -> None:
    told = written(report())  # type: ignore[operator]
    order = [told.index(it) for it in ("is deleted", "guard is off", "0.0.0.0/0", "instanceClass")]
    assert order == sorted(order)


@pytest.mark.parametrize("written", [_terminal, _markdown])
def test_a_stack_that_failed_leaves_the_rest_of_the_report(written: object) -> None:
    told = written(report(_SAME, _FAILED, stack()))  # type: ignore[operator]
    for words in ("not compared", "main cannot be rehearsed:", "no difference", "postgres-1"):
        assert words in told
    assert report(_SAME, _FAILED).failed
    assert not report(_SAME, stack()).failed


@pytest.mark.parametrize("written", [_terminal, _markdown])
def test_no_difference_is_said(written: object) -> None:
    assert "No stack is affected" in written(report(_SAME))  # type: ignore[operator]


def test_the_terminal_takes_nothing_for_markup() -> None:
    given = report(stack(words="[bold red]x[/] [/y]"))
    assert "[bold red]x[/] [/y]" in _terminal(given)
    assert "[bold red]x[/] [/y]" in re.sub(r"\x1b\[[\d;]*m", "", _terminal(given, colour=True))


def _rendered(text: str) -> str:
    # GitHub also leaves HTML alone, and takes away what may run.
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


def test_hostile_texts_stay_texts_in_markdown() -> None:
    given = replace(report(stack(name=HOSTILE, words=HOSTILE)), base=HOSTILE, head=HOSTILE)
    html = _rendered(_markdown(given))
    outside = re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL)
    assert "&lt;script&gt;" in html
    for words in ("script", "@everyone", "x.example.com", "<a "):
        assert words not in outside


def test_the_markdown_folds_its_sections_and_is_a_table_first() -> None:
    html = _rendered(_markdown(report()))
    assert html.count("<details>") == html.count("</details>") == 7
    assert html.index("<table>") < html.index("<details>")


def test_a_long_report_fits_a_comment_and_says_where_the_rest_is() -> None:
    given = report(*(stack(name=f"stack-{number}", resources=900) for number in range(5)))
    text = _markdown(given)
    assert len(text) <= len(text.encode()) <= LIMIT < 65_536
    assert "See the page." in text
    assert "more lines" in text
    assert text.count("is deleted") == 5
    assert "See the page." not in _markdown(report())


@pytest.mark.parametrize("words", ["é" * 60_000, "`" * 60_000, "a b|" * 20_000])
def test_no_text_is_too_long(words: str) -> None:
    given = report(*(stack(name=f"{number}{words}", words=words) for number in range(80)))
    text = _markdown(given)
    assert len(text.encode()) <= LIMIT
    assert text.endswith("See the page._\n")


@pytest.mark.parametrize("words", ["a", "`", "``a", "a\nb", "a|b", "", " ", "`` `"])
def test_code_is_one_span_whatever_is_in_it(words: str) -> None:
    html = _rendered(f"x {code(words)} y")
    assert html.count("<code>") == 1
    assert html.strip().endswith("y</p>")


def test_json_is_versioned_and_can_be_read_back() -> None:
    given = report(stack(), _FAILED)
    text = to_json(given)
    assert json.loads(text)["format"] == 1
    assert from_json(text) == given
    with pytest.raises(pydantic.ValidationError):
        from_json(text.replace('"different"', '"otherwise"'))


def test_the_schema_tells_every_field() -> None:
    found = json.loads(schema())
    assert {"Report", "StackReport"} & {found["title"], *found["$defs"]}
    assert set(found["$defs"]["StackReport"]["properties"]) == set(StackReport.__dataclass_fields__)
