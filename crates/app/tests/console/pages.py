"""Every page of the console, found by its links: it answers, fits every width, has no violation of accessibility rules, and is
photographed in both themes and languages for people to look at."""
import html
import os
import re
import time
from urllib.parse import parse_qs, urlsplit

import filled
from browser import DESKTOP, LANGUAGES, LAPTOP, PHONE, SHOTS, TABLET, THEMES, Browser
from korean import english

# WCAG's reflow.
NARROWEST = 320
# The menu folds below it.
FOLDED = 800
# Pages by their paths, to which links must lead. Others are found as well.
PAGES = ("", "g/*/", "g/*/data", "g/*/data/add", "g/*/data/buckets", "g/*/data/schema", "g/*/data/imports/*", "g/*/data/*",
         "g/*/items/*", "g/*/users/*", "g/*/train", "g/*/new-solution", "g/*/train/*", "g/*/train/*/*", "g/*/evaluate",
         "g/*/deploy", "g/*/new-campaign", "g/*/deploy/*", "g/*/new-recommender", "g/*/recommenders/*", "g/*/event-tracker",
         "g/*/try", "g/*/batch", "g/*/new-batch", "search", "about")
# Names of resources in a path of another page.
NAME = re.compile(r"[0-9]|%|-(shop|market)|^(shop|market)")
# Without another page each: files to save, and what leads on.
FILES = re.compile(r"/(assets|demo)/|\.(csv|json|md|txt)$|/file$|^/console/(login|search$)")
# Themes and widths of pictures by language.
LOOKS = {
    "en": [("light", PHONE), ("light", TABLET), ("light", FOLDED), ("light", LAPTOP), ("light", DESKTOP), ("dark", PHONE),
           ("dark", LAPTOP)],
    "ko": [("light", PHONE), ("light", LAPTOP)],
}
# Looks that are searched for violations; the rules know neither languages nor the widths between.
SEARCHED = {"en": [(theme, width) for theme in THEMES for width in (PHONE, LAPTOP)], "ko": [("light", LAPTOP)]}


def page_of(path):
    """The one of PAGES that a path shows, or, for another page, its path without what looks like names."""
    below = urlsplit(path).path.removeprefix("/console/")
    known = next((page for page in PAGES if re.fullmatch(page.replace("*", "[^/]+"), below)), None)
    parts = below.split("/")
    return known if known is not None else "/".join("*" if NAME.search(part) else part for part in parts)


def kind(path):
    """The page that a path shows, without the names of resources; where the address changes a page much, with what is asked."""
    address = urlsplit(path)
    page = page_of(path)
    dataset = re.fullmatch("g/[^/]+/data/([A-Z_]+)", address.path.removeprefix("/console/"))
    asked = [name for name in ("user", "item", "v", "recipe") if name in parse_qs(address.query)]
    named = page.replace("*", "x").strip("/").replace("/", "_") or "home"
    return "+".join([named, *([dataset.group(1)] if dataset else []), *asked])


def found(browser):
    """One path for each kind of page, in the order in which the links lead to them, and then the pages that show what is seldom."""
    seldom = {"/console/" + path: name for name, path in filled.addresses().items()}
    queue, kinds, failed = ["/console/", *seldom], {}, []
    while queue:
        path = queue.pop(0)
        name = kind(path)
        if name in kinds and path not in seldom:
            continue
        browser.open(path, expected=range(400, 600))
        status = browser.driver.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
        kinds[f"{name}-of-{seldom.pop(path)}" if path in seldom else name] = path
        if status >= 400:
            failed.append(f"{path} answers {status}")
            continue
        for link in browser.driver.execute_script(
                "return [...document.querySelectorAll('a[href]')].map(a => [a.href, a.hasAttribute('download')])"):
            parts = urlsplit(link[0])
            inside = link[0].startswith(browser.endpoint + "/console/") and not link[1]
            if inside and not FILES.search(parts.path):
                queue.append(parts.path + ("?" + parts.query if parts.query else ""))
    assert not failed, failed
    missing = set(PAGES) - {page_of(path) for path in kinds.values()}
    assert not missing, f"no link leads to {missing}"
    return kinds


def index(shots):
    """A page with all pictures, by page."""
    names = sorted({name.split("--")[0] for name in shots})
    rows = "".join(
        f"<h2>{html.escape(name)}</h2><div>" + "".join(
            f'<figure><a href="{shot}.png"><img src="{shot}.png" loading="lazy" alt="{shot}"></a>'
            f"<figcaption>{shot.split('--')[1]}</figcaption></figure>"
            for shot in shots if shot.split("--")[0] == name) + "</div>" for name in names)
    with open(os.path.join(SHOTS, "index.html"), "w", encoding="utf-8") as file:
        file.write("<!doctype html><meta charset=utf-8><title>Console</title><style>div{display:flex;gap:1rem;overflow:auto}"
                   f"figure{{margin:0}}img{{height:420px;border:1px solid #888}}</style>{rows}")


def visit(browser, name, path, language):
    """The faults of a page in a language, and the names of its pictures."""
    faults, shots = [], []
    browser.look(LAPTOP, "light")
    browser.open(path)
    shown = browser.one("html").get_attribute("lang")
    if shown != language:
        faults.append(f"{path} is in {shown}, not {language}")
    for theme, width in LOOKS[language]:
        browser.look(width, theme)
        shots.append(f"{name}--{language}-{theme}-{width}")
        browser.save_picture(shots[-1])
        if (theme, width) in SEARCHED[language]:
            faults += [f"{path} {language} {theme} {width}: {v}" for v in browser.violations()]
    for width in (NARROWEST, PHONE, TABLET, FOLDED, LAPTOP, DESKTOP):
        browser.look(width, "light")
        try:
            browser.fits(width)
        except AssertionError as error:
            faults.append(str(error))
    if language == "ko":
        faults += [f"{path} says in English: {words}" for words in english(browser)]
    browser.check()
    return faults, shots


def walk():
    began, faults, shots = time.time(), [], []
    with Browser() as browser:
        browser.login()
        pages = found(browser)
        print(f"{len(pages)} pages: {' '.join(pages)}")
        for language in LANGUAGES:
            browser.language(language)
            for name, path in pages.items():
                found_faults, taken = visit(browser, name, path, language)
                faults += found_faults
                shots += taken
    index(shots)
    print(f"{len(shots)} pictures and {len(pages)} pages in two languages within {time.time() - began:.0f} s")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults[:80])


if __name__ == "__main__":
    walk()
