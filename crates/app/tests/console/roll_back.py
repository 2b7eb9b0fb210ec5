"""A campaign moves to another version and back in the browser while recommendations are asked for: none fails."""
from browser import Browser
from common import INTERACTIONS, UNEXPLORED, chain_rows, csv_text, dataset, deploy, import_job, personalize, train, upload
from traffic import Traffic

NAME = "rolling"
REQUESTS = 1000


def deployed(arn):
    campaign = personalize.describe_campaign(campaignArn=arn)["campaign"]
    return campaign["solutionVersionArn"], campaign["status"]


def choose(browser, version):
    """Presses the button in the version's row."""
    browser.open(f"g/{NAME}/deploy/{NAME}")
    row = next(form for form in browser.all("form[action$='/version']")
               if form.find_element("name", "version").get_attribute("value") == version)
    browser.click(row.find_element("css selector", "button"))
    said = browser.text("#campaign-state")
    assert "ailed" not in said, said


def main():
    group = personalize.create_dataset_group(name=NAME)["datasetGroupArn"]
    interactions = dataset(NAME, group, "Interactions", INTERACTIONS)
    rows = csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], chain_rows())
    imported = import_job(f"{NAME}-import", interactions, upload("rolling.csv", rows))
    assert imported["status"] == "ACTIVE", imported
    first = train(NAME, group, recipe="aws-popularity-count")
    again = personalize.create_solution_version(solutionArn=first["solutionArn"])["solutionVersionArn"]
    arn = deploy(NAME, first["solutionVersionArn"], campaignConfig=UNEXPLORED)
    with Browser() as browser:
        browser.login()
        browser.until("the second version is there", lambda: personalize.describe_solution_version(
            solutionVersionArn=again)["solutionVersion"]["status"] == "ACTIVE")
        with Traffic(arn, [f"u{n}" for n in range(80)]) as traffic:
            traffic.until(REQUESTS // 4)
            for version in (again, first["solutionVersionArn"]):
                choose(browser, version)
                before = traffic.answered
                browser.until(f"{version} answers", lambda: deployed(arn) == (version, "ACTIVE"))
                assert traffic.answered > before or not traffic.failures, traffic.failures[:5]
                traffic.until(traffic.answered + REQUESTS // 4)
            traffic.until(REQUESTS)
        assert not traffic.failures, (len(traffic.failures), traffic.failures[:5])
        browser.open(f"g/{NAME}/deploy/{NAME}")
        assert "ACTIVE" in browser.text("main") or "Active" in browser.text("main")
        print(f"{traffic.answered} answers, no failure, the slowest after {traffic.slowest_s * 1000:.0f} ms")


if __name__ == "__main__":
    main()
