"""A session that ends while a form is typed: a dialog asks for the login and sends the form, and without scripts it comes back filled."""
import json
import os

from browser import Browser

with open(os.path.join(os.environ["TASTEMAKER_DATA_DIR"], "credentials.json"), encoding="utf-8") as file:
    CREDENTIALS = json.load(file)

# The form that makes a dataset group.
FORM = "main details form.stacked"


def begin(browser, name):
    """Types a name on the first page, whose session then ends."""
    browser.login()
    browser.open("")
    browser.driver.delete_cookie("tastemaker_console")
    if not browser.all(f"{FORM} [name='name']")[0].is_displayed():
        browser.one("main details:has(form.stacked) > summary").click()
    browser.fill("name", name)


def log_in(browser, within):
    browser.one(f"{within} [name='key_id']").clear()
    browser.one(f"{within} [name='key_id']").send_keys(CREDENTIALS["access_key_id"])
    browser.one(f"{within} [name='token']").send_keys(CREDENTIALS["console_token"])


def with_scripts():
    with Browser() as browser:
        begin(browser, "kept-by-dialog")
        browser.one(f"{FORM} button.primary").click()
        browser.until("the dialog", lambda: browser.all("dialog#log-in[open]"), seconds=20, expected=(401,))
        assert not browser.violations(), browser.violations()
        browser.one("#log-in [name='token']").send_keys("wrong")
        browser.one("#log-in button.primary").click()
        browser.until("the refusal", lambda: browser.one("#log-in .error").is_displayed(), seconds=20, expected=(401,))
        browser.one("#log-in [name='token']").clear()
        log_in(browser, "#log-in")
        browser.one("#log-in button.primary").click()
        browser.until("the page of the group", lambda: browser.path == "/console/g/kept-by-dialog/", seconds=20)


def without_scripts():
    with Browser(javascript=False) as browser:
        begin(browser, "kept-by-page")
        browser.click(browser.one(f"{FORM} button.primary"), expected=(401,))
        assert "what you typed is kept" in browser.text("main"), browser.text("main")
        log_in(browser, "main")
        browser.click(browser.one("main form.login button.primary"))
        assert "kept-by-page" in browser.text("main"), browser.text("main")
        browser.click(browser.one("main form button.primary"))
        assert browser.path == "/console/g/kept-by-page/", browser.path


if __name__ == "__main__":
    with_scripts()
    without_scripts()
