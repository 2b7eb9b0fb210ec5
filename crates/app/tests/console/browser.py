"""A headless Chromium for the console's tests: every step is checked for errors in the browser's log and requests elsewhere."""
import base64
import json
import os
import re
import subprocess
import time
from urllib.parse import urljoin, urlsplit

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
AXE = os.environ["CONSOLE_AXE"]
SHOTS = os.environ["CONSOLE_SHOTS"]
THEMES = ("light", "dark")
LANGUAGES = ("en", "ko")
PHONE, TABLET, LAPTOP, DESKTOP = 390, 768, 1280, 1920
WIDTHS = (PHONE, TABLET, LAPTOP, DESKTOP)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def login_link():
    """A fresh one-time link, as `tastemaker console` prints it."""
    output = subprocess.run(
        [os.environ["TASTEMAKER_BINARY"], "console", "--listen", urlsplit(ENDPOINT).netloc,
         "--data-dir", os.environ["TASTEMAKER_DATA_DIR"]],
        capture_output=True, text=True, check=True).stdout
    return re.search(r"http://\S+", output).group()


class Browser:
    """One browser with a profile of its own. `expected` has the statuses that the present step may answer with."""

    def __init__(self, javascript=True, language="en", width=LAPTOP, theme="light", endpoint=ENDPOINT):
        options = webdriver.ChromeOptions()
        options.binary_location = os.environ["CONSOLE_CHROMIUM"]
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--force-color-profile=srgb", "--no-proxy-server", "--disable-features=Translate"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        if not javascript:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(options=options, service=Service(os.environ["CONSOLE_CHROMEDRIVER"]))
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)
        self.endpoint, self.javascript = endpoint, javascript
        self.requests = []
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.language(language)
        self.look(width, theme)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.report()
        self.driver.quit()

    def report(self):
        """What a person would like to see of a step that failed."""
        try:
            os.makedirs(SHOTS, exist_ok=True)
            path = os.path.join(SHOTS, "failed.png")
            with open(path, "wb") as file:
                file.write(self.picture())
            print(f"at {self.driver.current_url}; {path}; main says: {self.text('main')[:3000]}")
        except Exception as error:  # The failure of the step is what matters.
            print(f"the page cannot be shown: {error}")

    # What the page looks like

    def language(self, language):
        self.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})

    def look(self, width, theme, height=900):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": "", "features": [{"name": "prefers-color-scheme", "value": theme}]})

    def picture(self, height_max=4000):
        """The whole page as PNG."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], height_max), "scale": 1}
        made = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "captureBeyondViewport": True, "clip": clip})
        return base64.b64decode(made["data"])

    def save_picture(self, name):
        os.makedirs(SHOTS, exist_ok=True)
        with open(os.path.join(SHOTS, name + ".png"), "wb") as file:
            file.write(self.picture())

    # Where it is

    def login(self):
        self.driver.get(login_link())
        self.check()

    def open(self, path, expected=()):
        """A path below the console, such as `g/demo-shop/train`, or one that begins with `/`."""
        self.driver.get(urljoin(self.endpoint + "/console/", path))
        self.check(expected)

    @property
    def path(self):
        parts = urlsplit(self.driver.current_url)
        return parts.path + ("?" + parts.query if parts.query else "")

    # What is on it

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css):
        found = self.all(css)
        assert found, f"nothing on {self.driver.current_url} matches {css}"
        return found[0]

    def text(self, css="body"):
        return self.one(css).text

    def link(self, words, within="main"):
        """The link or button of these words."""
        return self.named(f"{within} a, {within} button, {within} summary, {within} input[type=submit]", words)

    def named(self, css, words):
        seen = []
        for element in self.all(css):
            said = (element.text or element.get_attribute("value") or element.get_attribute("aria-label") or "").strip()
            if said and (said == words or words in said.split("\n")):
                return element
            seen.append(said)
        raise AssertionError(f"{self.driver.current_url} has no {words!r} among {seen}")

    def field(self, name):
        return self.one(f"[name='{name}']")

    def fill(self, name, value):
        element = self.field(name)
        self.unfold(element)
        if element.tag_name == "select":
            element.find_element(By.CSS_SELECTOR, f"option[value='{value}']").click()
        elif element.get_attribute("type") == "file":
            element.send_keys(value)
        else:
            element.clear()
            element.send_keys(value)

    def tick(self, name):
        element = self.field(name)
        self.unfold(element)
        if not element.is_selected():
            self.activate(element)
        assert element.is_selected(), f"{name} is not ticked"

    def unfold(self, element):
        """Opens what an element is folded in."""
        for summary in self.driver.execute_script("""
                const closed = [];
                for (let at = arguments[0].closest('details:not([open])'); at; at = at.parentElement.closest('details:not([open])')) {
                    if (!at.querySelector(':scope > summary').contains(arguments[0])) closed.unshift(at.querySelector(':scope > summary'));
                }
                return closed;""", element):
            self.activate(summary)

    def activate(self, element):
        element.click()

    # What is done

    def click(self, target, expected=()):
        """Clicks words, or an element, and waits for the page that it leads to."""
        element = self.link(target) if isinstance(target, str) else target
        before = self.one("html").id
        self.unfold(element)
        self.activate(element)
        self.settle(before)
        self.check(expected)

    def settle(self, before, seconds=30):
        """Waits until another document is there, or the present one has no request of htmx under way."""
        end = time.time() + seconds
        while time.time() < end:
            try:
                another = self.one("html").id != before
                loaded = not self.javascript or self.driver.execute_script("return document.readyState") == "complete"
                if loaded and (another or not self.all(".htmx-request")):
                    if another:
                        return
                    time.sleep(0.3)
                    if self.one("html").id == before and not self.all(".htmx-request"):
                        return
            except (StaleElementReferenceException, AssertionError):
                pass
            time.sleep(0.05)
        raise AssertionError(f"{self.driver.current_url} does not come to rest")

    def until(self, what, condition, seconds=120, expected=()):
        """Waits for the live page to fulfill the condition, without a reload where scripts run."""
        end = time.time() + seconds
        while time.time() < end:
            try:
                found = condition()
            except (StaleElementReferenceException, AssertionError):
                found = None
            if found:
                self.check(expected)
                return found
            time.sleep(0.2 if self.javascript else 1)
        raise AssertionError(f"not within {seconds} s: {what}")

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self):
        return self.driver.switch_to.active_element

    def tab_to(self, css, limit=200):
        """Presses Tab until the focus is on such an element; every focus on the way must be visible."""
        for _ in range(limit):
            self.press(Keys.TAB)
            element = self.focused()
            assert self.focus_is_visible(element), f"no visible focus on {element.get_attribute('outerHTML')[:300]}"
            if self.driver.execute_script("return arguments[0].matches(arguments[1])", element, css):
                return element
        raise AssertionError(f"{limit} times Tab do not reach {css} on {self.driver.current_url}")

    def focus_is_visible(self, element):
        return self.driver.execute_script("""
            const element = arguments[0];
            // The page itself and its content, where reading goes on, have no frame.
            if (element === document.body || element.id === 'content') return true;
            const seen = [element, ...(element.labels || [])].map(e => getComputedStyle(e));
            return seen.some(s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none');
        """, element)

    def focus_is_kept(self):
        assert self.focused().tag_name != "body", f"the focus is lost on {self.driver.current_url}"

    # What must hold on every page

    def check(self, expected=()):
        """No error in the browser's log and no request to another origin since the last check."""
        faults = []
        for entry in self.driver.get_log("browser"):
            status = re.search(r"responded with a status of (\d+)", entry["message"])
            if status and int(status.group(1)) in expected:
                continue
            if entry["level"] == "SEVERE" or entry["source"] in ("security", "violation", "javascript"):
                faults.append(entry["message"])
        assert not faults, f"{self.driver.current_url}: {faults}"
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                self.requests.append(url)
                inside = url.startswith((self.endpoint + "/", "data:", "about:", "chrome:"))
                assert inside, f"{self.driver.current_url} asks {url}"

    def fits(self, width):
        """The page does not scroll to the side."""
        wide, room = self.driver.execute_script(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if wide > room:
            culprits = self.driver.execute_script("""
                return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                    .slice(0, 5).map(e => e.outerHTML.slice(0, 200));""")
            raise AssertionError(f"{self.driver.current_url} is {wide} wide at {width}: {culprits}")

    def violations(self):
        """Violations that axe finds, as lines."""
        if not self.driver.execute_script("return typeof axe !== 'undefined'"):
            with open(AXE, encoding="utf-8") as file:
                self.driver.execute_script(file.read())
        found = self.driver.execute_async_script("""
            const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations']})
                .then(result => done(result.violations), error => done([{id: String(error), nodes: []}]));
        """, AXE_TAGS)
        return [f"{v['id']}: {n['html'][:200]} {n.get('failureSummary', '')[:300]}" for v in found for n in v["nodes"]] \
            + [v["id"] for v in found if not v["nodes"]]


class Keyboard(Browser):
    """The same by Tab, Shift, Enter, space, arrows and letters alone. Every focus on the way is visible."""

    def reach(self, element, limit=400):
        """Presses Tab until the element has the focus, backwards where it stands before the one that has it."""
        backwards = self.driver.execute_script("""
            const now = document.activeElement;
            return now !== document.body && !!(now.compareDocumentPosition(arguments[0]) & Node.DOCUMENT_POSITION_PRECEDING);
        """, element)
        for _ in range(limit):
            focused = self.focused()
            if focused == element:
                assert self.focus_is_visible(element), f"no visible focus on {element.get_attribute('outerHTML')[:300]}"
                return
            assert self.focus_is_visible(focused), f"no visible focus on {focused.get_attribute('outerHTML')[:300]}"
            if backwards:
                webdriver.ActionChains(self.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
            else:
                self.press(Keys.TAB)
        raise AssertionError(f"{limit} times Tab do not reach {element.get_attribute('outerHTML')[:300]}")

    def activate(self, element):
        self.reach(element)
        is_box = element.get_attribute("type") in ("checkbox", "radio")
        self.press(Keys.SPACE if is_box else Keys.ENTER)

    def fill(self, name, value):
        element = self.field(name)
        self.unfold(element)
        self.reach(element)
        if element.tag_name == "select":
            self.press(Keys.HOME)
            for _ in element.find_elements(By.TAG_NAME, "option"):
                if element.get_attribute("value") == value:
                    break
                self.press(Keys.DOWN)
            assert element.get_attribute("value") == value, f"no arrow leads {name} to {value}"
        elif element.get_attribute("type") == "file":
            # The dialog that chooses a file is the system's own.
            element.send_keys(value)
        else:
            webdriver.ActionChains(self.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
            self.press(Keys.DELETE, *str(value))
            assert element.get_attribute("value") == str(value), (name, element.get_attribute("value"), value)

    def until(self, what, condition, seconds=120, expected=()):
        """What changes by itself leaves the focus somewhere on the page."""
        parts = self.all("#version a, #version summary, #import a, #import summary, #campaign-versions a, #campaign-versions button")
        here = self.path
        if parts:
            self.reach(parts[-1] if parts[-1].is_displayed() else parts[0])
        found = super().until(what, condition, seconds, expected)
        if parts and self.path == here:
            self.focus_is_kept()
        return found
