"""The journey to recommendations with the demo shop in Korean: no English sentence on the way, nor while models are trained."""
import time

from browser import Browser
from korean import english


def says_no_english(browser):
    found = english(browser)
    assert not found, f"{browser.path} says in English: {found}"


def main():
    with Browser(language="ko") as browser:
        browser.login()
        assert browser.one("html").get_attribute("lang") == "ko"
        says_no_english(browser)
        browser.click(browser.one("form[action$='/demo'] button"))
        seen, end = set(), time.time() + 900
        while not browser.all("#demo a.button"):
            assert time.time() < end, browser.text("#demo")
            says_no_english(browser)
            seen |= {line.text for line in browser.all(".job .hint")}
            time.sleep(0.5)
        browser.save_picture("demo-loaded--ko-light-1280")
        assert any("에포크" in line for line in seen), f"no epoch is told: {seen}"
        browser.click(browser.one("#demo a.button"))
        assert browser.all("section.list li.item"), browser.text("main")
        says_no_english(browser)
        for path in ("g/demo-shop/train", "g/demo-shop/evaluate", "g/demo-shop/deploy", "g/demo-shop/data"):
            browser.open(path)
            for link in [a.get_attribute("href") for a in browser.all("main th a[href]")][:4]:
                browser.open(link)
                says_no_english(browser)
            browser.open(path)
            says_no_english(browser)
        print(f"{len(seen)} lines of progress in Korean")


if __name__ == "__main__":
    main()
