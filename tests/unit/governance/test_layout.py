"""Templates become Markdown and pages; what fills them forms no mark of its own."""

from __future__ import annotations

from bert4text.core.messages import load
from bert4text.governance.layout import Template, as_markdown, as_page

BODY = """
# Title of {name}

! Mind {name}

> Who, and
> why?

- one **{name}**
- two `{name}`

{list}

{empty}

A paragraph over
two lines.

| name | count |
| --- | --- |
{rows}

| what | value |
| --- | --- |
| name | {name} |

| gone | gone |
| --- | --- |
{no_rows}
"""
VALUES = {
    "name": "a|b*_c_<i>",
    "list": ("x", "y_z"),
    "empty": "",
    "rows": [("p", "1.024"), ("q", "–")],
    "no_rows": [],
}
WORDS = {"fill_in": "To fill in."}


def blocks():
    return Template(WORDS, BODY).filled(VALUES)


def test_markdown_is_written_and_marks_in_values_are_escaped() -> None:
    name = r"a\|b\*\_c\_\<i>"
    assert (
        as_markdown(blocks(), words=WORDS)
        == rf"""# Title of {name}

**Mind {name}**

> **To fill in.** Who, and why?
>
> …

- one **{name}**
- two `a|b*_c_<i>`

- x
- y_z

A paragraph over two lines.

| name | count |
| --- | ---: |
| p | 1.024 |
| q | – |

| what | value |
| --- | --- |
| name | {name} |
"""
    )


def test_a_link_cannot_be_formed() -> None:
    (block,) = Template(WORDS, "{x}").filled({"x": '[a](b) ["conclusion"]'})
    assert as_markdown([block], words=WORDS) == '[a\\](b) ["conclusion"]\n'


def test_a_page_is_written_whole_and_escaped() -> None:
    page = as_page(blocks(), words=WORDS, translator=load("en"))
    assert "<title>Title of a|b*_c_&lt;i&gt; – BERT4Text</title>" in page
    assert "<i>" not in page
    assert "<h1>Title of a|b*_c_&lt;i&gt;</h1>" in page
    assert '<th scope="row" class="text">p</th><td>1.024</td>' in page
    assert "<strong>To fill in.</strong> Who, and why?" in page
    assert "<li>two <code>a|b*_c_&lt;i&gt;</code></li>" in page
    assert "gone" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_gaps_are_counted() -> None:
    assert Template(WORDS, BODY).gaps == 1
