"""The journey from a CSV file of one's own to recommendations, in the browser alone: with scripts, without, and by keyboard."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

from browser import Browser, Keyboard
from common import chain_rows

USERS, BAD_LINES = 80, 3


def file_of_a_shop():
    """Interactions with names of columns that the API does not know, and lines that cannot be imported."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["USER_ID", "thing", "TIMESTAMP", "EVENT_TYPE"])
    writer.writerows(chain_rows(users=USERS))
    writer.writerows([("u1", "i1", time, "view") for time in ("yesterday", "soon", "12:30")][:BAD_LINES])
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False, encoding="utf-8") as file:
        file.write(text.getvalue())
    return file.name


def reload_until(browser, what, condition, seconds=300):
    """Live pages change by themselves; without scripts a person reads the page again."""
    def read():
        if not browser.javascript:
            browser.driver.refresh()
        return condition()
    return browser.until(what, read, seconds)


def create_group(browser, name):
    browser.fill("name", name)
    browser.click(browser.one("form[action='/console/'] button[type=submit]"))
    assert browser.path == f"/console/g/{name}/", browser.path


def import_file(browser, name, path):
    browser.click(browser.one("main a[href$='/data/add']"))
    browser.fill("file", path)
    # The page of the schema says at once that no column is ITEM_ID.
    browser.click("Upload", expected=[422])
    browser.until("the schema is guessed", lambda: browser.all("[name='header-1']"), expected=[422])
    assert "ITEM_ID" in browser.text("main [role=alert]"), browser.text("main")
    browser.fill("name-1", "ITEM_ID")
    browser.fill("role-1", "id")
    browser.click(browser.one("button[value=import]"))
    assert f"/console/g/{name}/data/imports/" in browser.path, browser.path
    # As AWS does, the first line that cannot be read refuses the file; the page names it and the way on.
    reload_until(browser, "the import has ended", lambda: not browser.all("#import[hx-get]"))
    said = browser.text("main")
    assert "yesterday" in said and "3202" in said and "TIMESTAMP" in said, said
    refused = browser.path
    browser.click(browser.one("form[action$='/rest'] button"))
    # What was left out stays on the page that says so; the import of the rest is a link away.
    assert "3,200" in browser.text("main") and "yesterday" in browser.text("main"), browser.text("main")
    browser.click(browser.one("main a[href*='-rest-']"))
    assert f"/console/g/{name}/data/imports/" in browser.path and browser.path != refused, browser.path
    reload_until(browser, "the rest is imported", lambda: not browser.all("#import[hx-get]") and browser.one(".head .state.active"))


def train(browser, name):
    browser.open(f"g/{name}/new-solution?recipe=aws-user-personalization")
    browser.fill("name", name)
    browser.click(browser.one("button[value=train]"))
    assert browser.path.startswith(f"/console/g/{name}/train/{name}/"), browser.path
    reload_until(browser, "the version is trained", lambda: "/new-campaign" in browser.one(
        "main a[href*='/new-campaign']").get_attribute("href"))
    assert "NDCG" in browser.text("main"), browser.text("main")


def deploy(browser, name):
    browser.click(browser.one("main a[href*='/new-campaign']"))
    browser.fill("name", name)
    browser.click(browser.one("main form.stacked button[type=submit]"))
    reload_until(browser, "the campaign answers", lambda: browser.one(".head .state.active"))


def recommended(browser, name):
    browser.open(f"g/{name}/")
    browser.click(browser.one("main a[href*='/try?c=']"))
    shown = [code.get_attribute("title") for code in browser.all("section.list li.item code")]
    assert shown, browser.text("main")
    commands = [pre.get_attribute("textContent") for pre in browser.all("main pre")]
    command = next(text for text in commands if "aws personalize-runtime get-recommendations" in text)
    path = os.pathsep.join([os.path.dirname(os.environ["TASTEMAKER_BINARY"]), os.path.dirname(sys.executable),
                            os.environ["PATH"]])
    ran = subprocess.run(["bash", "-ec", command], capture_output=True, text=True,
                         env={**os.environ, "PATH": path, "AWS_PAGER": "", "AWS_DEFAULT_OUTPUT": "json"})
    assert ran.returncode == 0, (command, ran.stderr)
    answered = [item["itemId"] for item in json.loads(ran.stdout)["itemList"]]
    assert answered == shown, (answered, shown)
    return len(shown)


def journey(name, browser):
    path = file_of_a_shop()
    with browser:
        browser.login()
        create_group(browser, name)
        import_file(browser, name, path)
        browser.open(f"g/{name}/data/interactions")
        assert f"{USERS}" in browser.text("main"), browser.text("main")
        train(browser, name)
        deploy(browser, name)
        count = recommended(browser, name)
    os.unlink(path)
    print(f"{name}: {count} items in the page and in the shell")


if __name__ == "__main__":
    WAYS = {
        "scripted": Browser,
        "unscripted": lambda: Browser(javascript=False),
        "keyboard": Keyboard,
    }
    for argument in sys.argv[1:] or WAYS:
        journey(f"own-{argument}", WAYS[argument]())
