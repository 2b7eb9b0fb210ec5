"""The journey from a new server to recommendations with the demo shop, in clicks."""
import time

from browser import Browser
from common import personalize, runtime

CLICKS_MAX = 6


def main():
    with Browser() as browser:
        browser.login()
        clicks = 0
        assert not browser.all("#demo"), "nothing is said of a shop that nobody loads"
        browser.click("Load the demo shop")
        clicks += 1
        # Live: steps appear and end without a reload.
        html = browser.one("html").id
        browser.until("the first step is done", lambda: browser.all("#demo .done"))
        browser.until("a model is being trained", lambda: "Train aws-user-personalization" in browser.text("#demo"))
        browser.until("the shop is loaded", lambda: browser.link("See recommendations"), seconds=400)
        assert browser.one("html").id == html, "the page was loaded again"
        steps = browser.text("#demo ol")
        assert steps.count("aws-") == 3 and not browser.all("#demo .running, #demo .failed"), steps
        browser.click("See recommendations")
        clicks += 1
        shown = check_list(browser)
        assert clicks <= CLICKS_MAX
        print(f"{shown} recommendations after {clicks} clicks")


def check_list(browser):
    """The page shows the items of the API's answer, in its order, with pictures that load."""
    user = browser.field("user").get_attribute("value")
    campaign = personalize.list_campaigns()["campaigns"][0]["campaignArn"]
    answered = runtime.get_recommendations(campaignArn=campaign, userId=user, numResults=500)["itemList"]
    shown = [code.get_attribute("title") for code in browser.all("section.list li.item code")]
    assert shown and shown == [item["itemId"] for item in answered][:len(shown)], (shown[:5], answered[:5])
    end = time.time() + 10
    broken = "return [...document.querySelectorAll('section.list img')].filter(i => i.complete && !i.naturalWidth).length"
    while browser.driver.execute_script(broken) and time.time() < end:
        time.sleep(0.2)
    assert browser.driver.execute_script("return document.querySelectorAll('section.list img').length"), "no pictures"
    assert not browser.driver.execute_script(broken), "pictures do not load"
    return len(shown)


if __name__ == "__main__":
    main()
