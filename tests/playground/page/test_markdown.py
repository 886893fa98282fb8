import time
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.playground.page.markdown import to_html, to_plain
from bot.playground.page.markdown_inline import safe_link
from bot.playground.page.markdown_tree import Tag

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Circle:
    def user(self, user_id: int) -> str | None:
        return {7: "Mara <b>"}.get(user_id)

    def role(self, role_id: int) -> str | None:
        return {8: "Moderators"}.get(role_id)

    def channel(self, channel_id: int) -> str | None:
        return {9: "scenes"}.get(channel_id)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* _i_ __u__ ~~s~~", "<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>"),
        ("***both***", "<strong><em>both</em></strong>"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("**over\ntwo lines**", "<strong>over\ntwo lines</strong>"),
        ("||secret||", '<span class="spoiler" tabindex="0">secret</span>'),
        ("`code` and ``a`b``", "<code>code</code> and <code>a`b</code>"),
        ("`**not bold**`", "<code>**not bold**</code>"),
        ("snake_case_name", "snake_case_name"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**never closed", "**never closed"),
        (r"\*plain\* \\ \a", r"*plain* \ \a"),
        ("# One\n## Two\n### Three", "<h1>One</h1><h2>Two</h2><h3>Three</h3>"),
        ("#hashtag\n#### four", "#hashtag\n#### four"),
        ("-# small", '<small class="subtext">small</small>'),
        ("> a\n> b\nafter", "<blockquote>a\nb</blockquote>after"),
        (">>> a\n\n# b", "<blockquote>a\n<h1>b</h1></blockquote>"),
        (">no space", "&gt;no space"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("1. a\n- b", '<ol start="1"><li>a</li></ol><ul><li>b</li></ul>'),
        (
            "before\n```py\na < b\n# no heading\n```after",
            "before<pre><code>a &lt; b\n# no heading</code></pre>after",
        ),
        ("> ```\n> code\n> ```", "<blockquote><pre><code>code</code></pre></blockquote>"),
        ("a\n\nb", "a\n\nb"),
        ("<:quill:123456>", ":quill:"),
        ("</critique:5>", '<span class="mention">/critique</span>'),
        ("@everyone", '<span class="mention">@everyone</span>'),
        ("mara@example.org", "mara@example.org"),
        (
            "<@7> <@!7>",
            '<span class="mention">@Mara &lt;b&gt;</span> <span class="mention">@Mara &lt;b&gt;</span>',
        ),
        ("<@&8> <#10>", '<span class="mention">@Moderators</span> <span class="mention">#unknown</span>'),
        (
            "<#9>",
            '<span class="mention" role="link" tabindex="0" data-act="thread" data-arg="9">#scenes</span>',
        ),
        ("<@1>", '<span class="mention">@unknown-user</span>'),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<t:99999999999999>", "&lt;t:99999999999999&gt;"),
    ],
)
def test_the_dialect(text: str, html: str) -> None:
    assert to_html(text, names=Circle(), now=NOW) == html


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/a_b_c.", "https://example.org/a_b_c"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("<https://example.org>", "https://example.org"),
        ("[the guide](https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("[**the** guide](<https://example.org>)", "https://example.org"),
        ("**https://example.org**", "https://example.org"),
    ],
)
def test_links(text: str, address: str) -> None:
    assert f'href="{address}"' in to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](<javascript:alert(1)>)",
        "[x](data:text/html,<script>)",
        "[x](/relative)",
        "[x](https://)",
        "javascript:alert(1)",
        "[x](vbscript:x)",
    ],
)
def test_what_is_no_link(text: str) -> None:
    assert "<a " not in to_html(text)


def test_a_link_whose_name_is_another_address_shows_where_it_leads() -> None:
    html = to_html("[https://bank.example](https://elsewhere.example)")
    assert ">https://elsewhere.example</a>" in html
    assert "</a>" in html
    assert ">https://bank.example</a>" not in html


@pytest.mark.parametrize(
    ("style", "shown"),
    [("R", "2 hours ago"), ("D", "21 November 2026"), ("d", "21/11/2026")],
)
def test_timestamps(style: str, shown: str) -> None:
    moment = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    html = to_html(f"<t:{int(moment.timestamp())}:{style}>", now=NOW)
    assert html.startswith("<time ")
    assert html.endswith(f">{shown}</time>")


def test_a_preview_is_one_line_of_plain_words() -> None:
    assert to_plain("# Title\n**bold** <b>\n- <@7>", names=Circle()) == "Title bold <b> @Mara <b>"


class Strict(HTMLParser):
    """Fails on anything that is not ours."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in set(Tag)
        self.open.append(tag)
        for name, value in attrs:
            assert name in {"class", "tabindex", "href", "title", "target", "rel", "start", "datetime"}
            assert value is not None
            if name == "href":
                assert safe_link(value) == value
                assert value.lower().startswith(("http://", "https://"))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment came out: {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration came out: {decl!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction came out: {data!r}")


MARKS = [
    "**", "*",
    "__", "_", "~~", "||", "`", "``", "```", "\n", "> ", ">>> ", "# ", "- ", "  - ", "1. ", "\\", "[",
    "](", ")", "<", ">", "<@7>", "<t:1:R>", "https://", "javascript:", "a", " ", '"', "'", "&", "<script>",
    "<!--",
    "<img src=x onerror=1>", "http://x\u0000", "\u202e", "@everyone", "</a>", "]]>", "<?", "\u017f", "\u0130",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(MARKS), max_size=40).map("".join))


@given(TEXTS)
@example("[a](https://x/\"onmouseover='1')")
@example("https://x/<script>alert(1)</script>")
@example("```html\n<script>alert(1)</script>\n```")
def test_nothing_but_our_own_elements_ever_comes_out(text: str) -> None:
    html = to_html(text, names=Circle(), now=NOW)
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert parser.open == []


@given(st.text(alphabet=st.characters(exclude_characters="\\`<[*_~|@#->0123456789hH"), max_size=200))
def test_text_without_marks_stays_as_it_is(text: str) -> None:
    parser = Strict()
    parser.feed(to_html(text))
    parser.close()
    # The HTML parser, like a browser, knows one line break.
    assert "".join(parser.text).replace("\r", "\n") == text.replace("\r", "\n")


@pytest.mark.parametrize("mark", MARKS)
def test_a_text_of_nothing_but_one_mark_takes_no_time(mark: str) -> None:
    text = (mark * 4000)[:4000]
    began = time.process_time()
    to_html(text)
    assert time.process_time() - began < 0.5  # a quadratic reading takes seconds


@pytest.mark.parametrize(
    "url",
    [
        "http://x y",
        "ftp://x",
        "https://",
        "http://[",
        "HTTP://x\n",
        'http://x"',
        "//x",
        "",
        "https://" + "x" * 3000,
    ],
)
def test_unsafe_addresses(url: str) -> None:
    assert safe_link(url) is None
