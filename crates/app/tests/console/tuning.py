"""The journey of tuning: percentiles of history lengths, a search over ranges that is watched, stopped and done again, and the
comparison with the defaults; by mouse and by keyboard."""
import re
import sys
import time

from browser import Browser, Keyboard
from common import INTERACTIONS, chain_rows, csv_text, dataset, import_job, personalize, train, upload

RECIPE = "aws-user-personalization"
RANGES = {"hidden_dimension": (32, 64), "bptt": (2, 16)}


def uneven_rows():
    """Interactions of users whose histories are 10 to 40 events long."""
    counts = {}
    for row in chain_rows(users=800):
        counts[row[0]] = counts.get(row[0], 0) + 1
        if counts[row[0]] <= 10 + int(row[0][1:]) % 31:
            yield row


def prepared(name):
    """A group with interactions and a version of the defaults."""
    group = personalize.create_dataset_group(name=name)["datasetGroupArn"]
    interactions = dataset(name, group, "Interactions", INTERACTIONS)
    rows = csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], uneven_rows())
    imported = import_job(f"{name}-import", interactions, upload(f"{name}.csv", rows))
    assert imported["status"] == "ACTIVE", imported
    version = train(f"{name}-plain", group, recipe=RECIPE)
    assert version["status"] == "ACTIVE", version
    return version["solutionVersionArn"]


def band(browser):
    """The sentence with the users that take part."""
    sentence = browser.text("#history-band > p")
    numbers = re.search(r"Users with ([\d,]+) to ([\d,]+) events: ([\d,]+) of ([\d,]+)", sentence)
    assert numbers, sentence
    return [int(number.replace(",", "")) for number in numbers.groups()]


def fill_in(browser, name, jobs):
    path = f"g/{name}/new-solution?recipe={RECIPE}"
    browser.open(path)
    while not browser.all("#history-band"):
        time.sleep(0.5)
        browser.open(path)
    page = browser.one("html").id
    browser.fill("name", f"{name}-tuned")
    wide = band(browser)
    browser.fill("p.min_user_history_length_percentile", "0.6")
    browser.fill("p.max_user_history_length_percentile", "0.95")
    # At once, without another page and without losing what was typed.
    browser.until("the users that take part are counted again", lambda: band(browser)[0] > wide[0] and band(browser)[2] <= wide[2])
    assert browser.one("html").id == page and browser.field("name").get_attribute("value") == f"{name}-tuned"
    for field, value in (("min", "0.05"), ("max", "0.95")):
        browser.fill(f"p.{field}_user_history_length_percentile", value)
    browser.tick("hpo")
    browser.fill("jobs", jobs)
    browser.fill("parallel", 1)
    for parameter, (low, high) in RANGES.items():
        browser.fill(f"r.{parameter}.from", low)
        browser.fill(f"r.{parameter}.to", high)
    browser.until("the time of the search is estimated", lambda: f"for {jobs} trainings" in browser.text("#before-training"))
    assert "Memory: about" in browser.text("#before-training"), browser.text("#before-training")


def wrong_values(browser):
    """Faults stand beside their fields, and nothing was made."""
    browser.fill("jobs", 99)
    browser.fill("p.bptt", 9999)
    before = len(personalize.list_solutions()["solutions"])
    browser.click(browser.one("button[value=train]"), expected=[422])
    for field in ("p-bptt", "jobs"):
        assert browser.text(f"#field-{field}-error"), field
    assert browser.focused().get_attribute("name") == "p.bptt", "the first fault has the focus"
    assert browser.field("p.bptt").get_attribute("value") == "9999"
    assert len(personalize.list_solutions()["solutions"]) == before


def trials(browser):
    return len(browser.all("#trials tbody tr"))


def stop(browser, at):
    """Stops the search while it goes on; what it has found stays."""
    page = browser.one("html").id
    browser.until(f"{at} trials have ended", lambda: trials(browser) >= at, seconds=300)
    assert browser.one("html").id == page, "the page was loaded again"
    assert browser.all(".head .state.in-progress"), browser.text("main")
    browser.click(browser.one("form[action$='/stop'] button"))
    began = time.time()
    browser.until("the training is stopped", lambda: "stopped" in browser.text(".head .state").lower())
    arn = personalize.list_solution_versions()["solutionVersions"]
    assert any(version["status"] == "CREATE STOPPED" for version in arn), arn
    assert trials(browser) >= at, browser.text("main")
    print(f"stopped after {time.time() - began:.1f} s with {trials(browser)} trials")


def finished(browser, name, jobs):
    """All trials with the best one marked, whose values are the version's."""
    browser.until("the search has ended", lambda: browser.all("main a[href*='/new-campaign']"), seconds=600)
    assert trials(browser) == jobs, browser.text("main")
    solution = next(s for s in personalize.list_solutions()["solutions"] if s["name"] == f"{name}-tuned")
    versions = personalize.list_solution_versions(solutionArn=solution["solutionArn"])["solutionVersions"]
    arn = next(v["solutionVersionArn"] for v in versions if v["status"] == "ACTIVE")
    version = personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    tuned = version["tunedHPOParams"]["algorithmHyperParameters"]
    best = browser.text("#trials tr.chosen")
    assert "▲" in best, best
    for parameter in RANGES:
        assert tuned[parameter] in best.split(), (tuned, best)
    settings = browser.text("main")
    assert "min_user_history_length_percentile" in settings and "0.05" in settings, settings
    return arn


def compare(browser, name, versions):
    """The word on each difference follows from the two intervals."""
    browser.open(f"g/{name}/evaluate")
    for version in versions:
        box = browser.one(f"input[name=v][value='{version}']")
        browser.activate(box)
    browser.click("Compare")
    judged = 0
    for row in browser.all("table.comparison tbody tr"):
        cells = row.find_elements("css selector", "td")
        intervals = [re.search(r"\(([\d.]+)–([\d.]+)\)", cell.text) for cell in cells[:2]]
        if not all(intervals):
            continue
        (low, high), (other_low, other_high) = [[float(end) for end in interval.groups()] for interval in intervals]
        apart = low > other_high or other_low > high
        said = "more than noise" if apart else "within noise"
        # Ends that are equal in four digits are told apart by more of them.
        near = min(abs(low - other_high), abs(other_low - high)) < 1e-4
        assert said in cells[1].text or near, (row.text, said)
        judged += 1
    assert judged >= 7, browser.text("main")
    assert "hidden_dimension" in browser.text("main") or "No setting differs" in browser.text("main")


def journey(name, browser, jobs, stopped_at=None):
    plain = prepared(name)
    with browser:
        browser.login()
        fill_in(browser, name, jobs)
        if stopped_at:
            wrong_values(browser)
            browser.fill("p.bptt", 32)
            browser.fill("jobs", jobs)
        browser.click(browser.one("button[value=train]"))
        assert browser.path.startswith(f"/console/g/{name}/train/{name}-tuned/"), browser.path
        if stopped_at:
            stop(browser, stopped_at)
            browser.click(browser.one("#version a"))
            browser.click("Train a new version")
        tuned = finished(browser, name, jobs)
        compare(browser, name, [tuned, plain])
        print(f"{name}: a search of {jobs} trainings")


if __name__ == "__main__":
    WAYS = {
        "mouse": lambda: journey("tuned-by-mouse", Browser(), 12, stopped_at=2),
        "keyboard": lambda: journey("tuned-by-keyboard", Keyboard(), 2),
    }
    for argument in sys.argv[1:] or WAYS:
        WAYS[argument]()
