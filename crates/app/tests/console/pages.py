"""Every page of the console, found by its links: it answers, fits every width, has no violation of accessibility rules, and is
photographed in both themes and languages for people to look at."""
import html
import os
import re
from urllib.parse import parse_qs, urlsplit

from browser import DESKTOP, LANGUAGES, LAPTOP, PHONE, SHOTS, TABLET, THEMES, Browser

# WCAG's reflow.
NARROWEST = 320
# Names of resources in a path, of which one page stands for all.
NAME = re.compile(r"[0-9-]|%")


def kind(path):
    """The page that a path shows, without the names of resources."""
    address = urlsplit(path)
    parts = address.path.removeprefix("/console/").strip("/").split("/")
    asked = [name for name in ("user", "v", "recipe") if name in parse_qs(address.query)]
    named = ["*" if NAME.search(part) and not part.startswith("new-") else part for part in parts]
    return "+".join(["/".join(named) or "home", *asked])


def found(browser, start=""):
    """One path for each kind of page, in the order in which the links lead to them."""
    queue, kinds, failed = [start], {}, []
    while queue:
        path = queue.pop(0)
        if kind(path) in kinds:
            continue
        browser.open(path, expected=range(400, 600))
        status = browser.driver.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
        kinds[kind(path)] = path
        if status >= 400:
            failed.append(f"{path} answers {status}")
            continue
        for link in browser.driver.execute_script(
                "return [...document.querySelectorAll('a[href]')].map(a => [a.href, a.hasAttribute('download')])"):
            parts = urlsplit(link[0])
            inside = link[0].startswith(browser.endpoint + "/console/") and not link[1]
            if inside and not re.search(r"/(assets|demo)/|\.csv$|\.json$", parts.path):
                queue.append(parts.path + ("?" + parts.query if parts.query else ""))
    assert not failed, failed
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


def walk():
    faults, shots = [], []
    with Browser() as browser:
        browser.login()
        pages = found(browser)
        print(f"{len(pages)} pages: {' '.join(pages)}")
        for language in LANGUAGES:
            browser.language(language)
            for name, path in pages.items():
                browser.look(LAPTOP, "light")
                browser.open(path)
                shown = browser.one("html").get_attribute("lang")
                if shown != language:
                    faults.append(f"{path} is in {shown}, not {language}")
                for theme in THEMES:
                    for width in (LAPTOP, PHONE):
                        browser.look(width, theme)
                        shot = f"{name.replace('/', '_').replace('*', 'x')}--{language}-{theme}-{width}"
                        browser.save_picture(shot)
                        shots.append(shot)
                        if language == "en" or (theme, width) == ("light", LAPTOP):
                            faults += [f"{path} {language} {theme} {width}: {v}" for v in browser.violations()]
                for width in (NARROWEST, PHONE, TABLET, LAPTOP, DESKTOP):
                    browser.look(width, "light")
                    try:
                        browser.fits(width)
                    except AssertionError as error:
                        faults.append(str(error))
                browser.check()
    index(shots)
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults[:60])


if __name__ == "__main__":
    walk()
