"""The page Try as a daily tool: an event of a card changes the list at once and the page says what moved, the page's own command for
`/events` does the same, two campaigns stand side by side, and similar items lead on; with scripts and without."""
import subprocess
import time
from urllib.parse import parse_qs, quote, urlsplit

from browser import LAPTOP, PHONE, THEMES, Browser
from common import (INTERACTIONS, ITEMS, UNEXPLORED, chain_rows, csv_text, dataset, deploy, import_job, personalize,
                    recommended, train, upload)

NAME = "react"
# WCAG's reflow.
NARROWEST = 320
LENGTH = 8


def fill():
    """A group with a campaign of each kind that the page asks, and an event tracker."""
    group = personalize.create_dataset_group(name=NAME)["datasetGroupArn"]
    rows = csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], chain_rows())
    catalogue = csv_text(["ITEM_ID", "NAME", "PRICE", "URL", "IMAGE", "GENRES"],
                         [(f"i{k}", f"Lamp {k}", f"{k + 9}.99", f"https://shop.example/{k}", "", "A|B") for k in range(30)])
    for kind, schema, text in (("Interactions", INTERACTIONS, rows), ("Items", ITEMS, catalogue)):
        imported = import_job(f"{NAME}-{kind.lower()}", dataset(NAME, group, kind, schema), upload(f"{NAME}-{kind}.csv", text))
        assert imported["status"] == "ACTIVE", imported
    personalize.create_event_tracker(name=NAME, datasetGroupArn=group)
    arns = {}
    for name, recipe, config in (("next", "aws-user-personalization", {"campaignConfig": UNEXPLORED}),
                                 ("popular", "aws-popularity-count", {}), ("alike", "aws-similar-items", {}),
                                 ("order", "aws-personalized-ranking", {})):
        version = train(f"{NAME}-{name}", group, recipe)
        assert version["status"] == "ACTIVE", version
        arns[name] = deploy(name, version["solutionVersionArn"], **config)
    return arns


def ask(browser, arn, **fields):
    asked = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in {"c": arn, "n": LENGTH, **fields}.items())
    browser.open(f"g/{NAME}/try?{asked}")


def shown(browser, within="#lists"):
    return [code.get_attribute("title") for code in browser.all(f"{within} li.item code")]


def press_third(browser, arn, user):
    """The event of the third card: its list is that of the API after the event, and the page says what is different."""
    ask(browser, arn, user=user)
    before = shown(browser)
    assert before == recommended(arn, user, LENGTH), before
    item = before[2]
    began = time.time()
    browser.click(browser.all("#lists li.item")[2].find_element("css selector", ".act button"))
    took_s = time.time() - began
    now = shown(browser)
    assert now == recommended(arn, user, LENGTH) != before, (before, now)
    assert item in parse_qs(urlsplit(browser.path).query)["on"], browser.path
    said = browser.text("main")
    assert "was sent" in said and f"Lamp {item[1:]}" in said, said
    signs = [sign.text for sign in browser.all("#lists li.item .move")]
    assert signs, said
    for id in (id for id in before if id not in now):
        assert any(entry.get_attribute("title") == id for entry in browser.all(".gone li span[title]")), id
    # A reload sends nothing and shows the same.
    browser.driver.refresh()
    assert shown(browser) == now and [sign.text for sign in browser.all("#lists li.item .move")] == signs
    # An item that was seen is the newest of the history.
    assert browser.one(".history li.item code").get_attribute("title") == item
    return took_s


def run_own_command(browser, arn, user):
    """The command for `/events` at the foot of the page, for another user: the list changes as by the button."""
    texts = [pre.get_attribute("textContent") for pre in browser.all("main pre")]
    command = next(text for text in texts if "/events" in text and "curl" in text and "aws-sigv4" not in text)
    before = recommended(arn, user, LENGTH)
    ran = subprocess.run(["bash", "-ec", command.replace("first-visitor", user)], capture_output=True, text=True)
    assert ran.returncode == 0 and user in command.replace("first-visitor", user), (command, ran.stderr)
    after = recommended(arn, user, LENGTH)
    assert after != before and after[0] == shown(browser)[0], (before, after, shown(browser), ran.stdout)


def side_by_side(browser, arns):
    ask(browser, arns["next"], user="u1", b=arns["popular"])
    lists = browser.all(".lists > section.list")
    ids = [[code.get_attribute("title") for code in one.find_elements("css selector", "li.item code")] for one in lists]
    expected = [recommended(arns[name], "u1", LENGTH) for name in ("next", "popular")]
    assert ids == expected, (ids, expected)
    shared = len(set(ids[0]) & set(ids[1]))
    assert f"{shared} of the first 10 items are in both lists" in browser.text("main"), browser.text("main")


def walk(browser, arns):
    ask(browser, arns["next"], user="u1")
    first = shown(browser)[0]
    browser.click(browser.one("#lists li.item .act a"))
    second = shown(browser)[0]
    browser.click(browser.one("#lists li.item .act a"))
    way = [step.text for step in browser.all("nav.trail li")]
    assert way[1:] == [f"Lamp {first[1:]}", f"Lamp {second[1:]}"], way
    here = browser.path
    browser.click(browser.all("nav.trail a")[1])
    assert [step.text for step in browser.all("nav.trail li")] == way[:2] and browser.path != here
    browser.click(browser.all("nav.trail a")[0])
    assert shown(browser)[0] == first and not browser.all("nav.trail")


def rank(browser, arns):
    ask(browser, arns["order"], user="u1", items="odd-one\ni1\ni2\ni3")
    ids = shown(browser)
    assert ids[-1] == "odd-one" and sorted(ids[:3]) == ["i1", "i2", "i3"], ids
    assert "Unknown item" in browser.all("#lists li.item")[-1].text


def visitor(browser, arns):
    ask(browser, arns["next"], user="u1")
    browser.fill("history", "i3, i4")
    browser.click("Send and ask")
    session = parse_qs(urlsplit(browser.path).query)["session"][0]
    assert session.startswith("visitor-") and shown(browser) == recommended(arns["next"], session, LENGTH)
    assert [code.get_attribute("title") for code in browser.all(".history li.item code")] == ["i4", "i3"]


def pictures(browser, arns):
    """The states of the page that its links do not lead to."""
    version = personalize.describe_campaign(campaignArn=arns["next"])["campaign"]["solutionVersionArn"]
    faults = []
    views = {
        "two": lambda: ask(browser, arns["next"], user="u1", b=arns["popular"]),
        "event": lambda: press_third(browser, arns["next"], "photographed"),
        "walk": lambda: (ask(browser, arns["next"], user="u1"), browser.click(browser.one("#lists li.item .act a"))),
        "parts": lambda: browser.open(f"g/{NAME}/evaluate?v={quote(version, safe='')}"),
        "ranking": lambda: ask(browser, arns["order"], user="u1", items="odd-one\ni1\ni2\ni3"),
    }
    for name, show in views.items():
        browser.look(LAPTOP, "light")
        show()
        for language in ("en", "ko"):
            browser.language(language)
            browser.driver.refresh()
            for theme in THEMES:
                for width in (LAPTOP, PHONE):
                    browser.look(width, theme)
                    browser.save_picture(f"try-{name}--{language}-{theme}-{width}")
                    faults += [f"{name} {language} {theme} {width}: {violation}" for violation in browser.violations()]
                    browser.fits(width)
            browser.look(NARROWEST, "light")
            browser.fits(NARROWEST)
        browser.language("en")
    assert not faults, faults
    browser.check()


def main():
    arns = fill()
    for name, browser in (("scripted", Browser()), ("unscripted", Browser(javascript=False))):
        with browser:
            browser.login()
            took_s = press_third(browser, arns["next"], "first-visitor" if browser.javascript else "second-visitor")
            if browser.javascript:
                run_own_command(browser, arns["next"], "third-visitor")
            side_by_side(browser, arns)
            walk(browser, arns)
            rank(browser, arns)
            visitor(browser, arns)
            if browser.javascript:
                pictures(browser, arns)
            print(f"{name}: the list of an event was there after {took_s * 1000:.0f} ms")


if __name__ == "__main__":
    main()
