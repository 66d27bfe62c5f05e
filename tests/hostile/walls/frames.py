"""The kinds of page that sites put a text into: what stands around it is what makes telling them apart hard. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, kw_only=True)
class Content:
    lang: str
    title: str
    heading: str
    text: Sequence[str]
    extra: str = ""


TOPICS = ["Markets", "Mines", "Magnets", "Policy", "Recycling", "Companies", "Opinion", "Events", "Jobs", "Archive"]
TEASERS = [
    "Terbium holds steady as buyers wait for the auction",
    "A lake, a law and a long quarrel over tailings",
    "Wind turbine builder signs for six years of magnets",
    "What the new export form asks, and what it does not",
    "Old phones, new oxides: a tour of a sorting hall",
    "Three geologists, one hill and no agreement",
    "Exploration licences at a record, drilling at a low",
    "How a school class found bastnaesite on a walk",
]
BANNER = (
    '<div id="cookie-banner" class="consent-layer"><p>We and our partners use cookies to show personalised ads and content. '
    "You can change your mind at any time.</p><button>Accept all</button><button>Reject all</button>"
    '<a href="/cookies">Cookie policy</a></div>'
)
MODAL = (
    '<div class="modal" hidden><form action="/login"><h4>Log in</h4><label>Email address</label><input name="m">'
    '<label>Password</label><input type="password" name="p"><a href="/reset">Forgot your password?</a>'
    "<button>Log in</button></form></div>"
)
OFFER = '<aside class="subscribe-box"><h4>Enjoying our work?</h4><p>Subscribe now and cancel anytime.</p><a href="/subscribe">Already a subscriber? Log in</a></aside>'
FOOTER = '<footer><a href="/privacy">Privacy policy</a> <a href="/terms">Terms</a> <a href="/contact">Contact</a> © Ore Weekly</footer>'
NOSCRIPT = "<noscript>Please enable JavaScript to use all of this site.</noscript>"
SCRIPTS = '<script src="/static/main.8f1c.js"></script><script>window.dataLayer=window.dataLayer||[];function g(){dataLayer.push(arguments)}</script>'


def paragraphs(text: Sequence[str], tag: str = "p") -> str:
    return "\n".join(f"<{tag}>{escape(part)}</{tag}>" for part in text)


def heading(content: Content) -> str:
    return f"<h1>{escape(content.heading)}</h1>" if content.heading else ""


def head(content: Content, more: str = "") -> str:
    return f'<!DOCTYPE html><html lang="{content.lang}"><head><meta charset="utf-8"><title>{escape(content.title)}</title>{more}</head>'


def navigation() -> str:
    items = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in TOPICS)
    return f'<header><a href="/">Ore Weekly</a><nav><ul>{items}<li><a href="/login">Log in</a></li><li><a href="/subscribe">Subscribe</a></li></ul></nav></header>'


def teasers(count: int) -> str:
    return (
        '<section class="more"><h3>Most read</h3>'
        + "".join(
            f'<div class="card"><a href="/story/{number}"><h4>{title}</h4></a><span>3 hours ago</span></div>'
            for number, title in enumerate(TEASERS[:count])
        )
        + "</section>"
    )


def metadata(content: Content) -> str:
    return (
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(content.title)}">'
        '<meta property="article:published_time" content="2026-11-03T10:00:00Z">'
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","datePublished":"2026-11-03"}</script>'
    )


def bare(content: Content) -> str:
    return f"{head(content)}<body>{heading(content)}{paragraphs(content.text)}{content.extra}</body></html>"


def centred(content: Content) -> str:
    style = "<style>body{display:flex;align-items:center}main{max-width:30em;margin:auto;font:16px/1.5 sans-serif}</style><meta name='robots' content='noindex'>"
    return f'{head(content, style)}<body><main class="box"><img src="/logo.svg" alt="">{heading(content)}{paragraphs(content.text)}{content.extra}</main>{SCRIPTS}</body></html>'


def portal(content: Content) -> str:
    """A news site with all that such sites have around a text."""
    return (
        f"{head(content, SCRIPTS)}<body>{NOSCRIPT}{navigation()}{BANNER}{MODAL}<main>{heading(content)}"
        f"{paragraphs(content.text)}{content.extra}</main>{teasers(4)}{OFFER}{FOOTER}</body></html>"
    )


def teaser_page(content: Content) -> str:
    """A notice over a front page's worth of headlines."""
    return f"{head(content)}<body class='page'>{navigation()}<div class='msg'>{heading(content)}{paragraphs(content.text)}{content.extra}</div>{teasers(8)}{teasers(8)}{BANNER}{FOOTER}{SCRIPTS}</body></html>"


def wordpress(content: Content) -> str:
    return (
        f"{head(content)}<body class='single wp-theme'><div id='page'>{navigation()}<article class='post hentry'><header class='entry-header'>{heading(content)}</header>"
        f"<div class='entry-content'>{paragraphs(content.text)}{content.extra}</div></article><aside class='widget-area'><h2>Recent Posts</h2>{teasers(5)}"
        f"<form role='search'><input type='search'><button>Search</button></form></aside></div>{FOOTER}</body></html>"
    )


def old(content: Content) -> str:
    """Tables and line breaks, no paragraphs."""
    lines = "<br><br>\n".join(escape(part) for part in content.text)
    return f"<html><head><title>{escape(content.title)}</title></head><body bgcolor=white><table width=600><tr><td><font size=5><h1>{escape(content.heading)}</h1></font></td></tr><tr><td>{lines}{content.extra}</td></tr></table><hr></body></html>"


def article(content: Content) -> str:
    """A modern article page with its metadata."""
    return (
        f"{head(content, metadata(content) + SCRIPTS)}<body>{navigation()}{BANNER}<main><article>{heading(content)}<p class='byline'>By A. Writer, 3 November 2026</p>"
        f"<div class='story-body'>{paragraphs(content.text)}</div>{content.extra}</article></main>{teasers(6)}{OFFER}{MODAL}{FOOTER}</body></html>"
    )


def divs(content: Content) -> str:
    """Paragraphs as anonymous blocks, as script frameworks make them."""
    return f"{head(content, metadata(content))}<body><div id='root'><div class='css-1x'>{heading(content)}</div>{paragraphs(content.text, 'div')}{content.extra}</div>{SCRIPTS}{NOSCRIPT}</body></html>"


def amp(content: Content) -> str:
    return f"<!doctype html><html amp lang='{content.lang}'><head><meta charset='utf-8'><title>{escape(content.title)}</title><link rel='canonical' href='/full'></head><body>{heading(content)}{paragraphs(content.text)}{content.extra}<amp-consent id='c'></amp-consent></body></html>"


def shell(content: Content) -> str:
    """An application that is to fill itself."""
    return (
        f"{head(content, '<link rel=stylesheet href=/app.css>')}<body>{'<noscript>' + paragraphs(content.text) + '</noscript>' if not content.heading else ''}"
        f'<div id="root">{heading(content) + paragraphs(content.text) + content.extra if content.heading else content.extra}</div>{SCRIPTS}</body></html>'
    )


def noscript(content: Content) -> str:
    return f'{head(content, metadata(content))}<body><div id="app"></div><div class=\'spinner\'>{escape(" ".join(content.text))}</div><script>window.__STATE__={{"user":null,"flags":[1,2,3]}}</script>{SCRIPTS}</body></html>'


FRAMES: dict[str, Callable[[Content], str]] = {
    "bare": bare,
    "centred": centred,
    "portal": portal,
    "teasers": teaser_page,
    "wordpress": wordpress,
    "old": old,
    "article": article,
    "divs": divs,
    "amp": amp,
    "shell": shell,
    "noscript": noscript,
}
ARTICLE_FRAMES = ("bare", "portal", "wordpress", "old", "article", "divs", "amp")
