"""A training that fails is told on the first page, in the API's words, with the way to what is to be changed."""
from browser import Browser
from common import INTERACTIONS, chain_rows, csv_text, dataset, import_job, personalize, train, upload

GROUP = "small-shop"
# A training needs 25.
USERS = 20


def main():
    group = personalize.create_dataset_group(name=GROUP)["datasetGroupArn"]
    interactions = dataset(GROUP, group, "Interactions", INTERACTIONS)
    rows = csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], chain_rows(users=USERS, events=60))
    imported = import_job(f"{GROUP}-import", interactions, upload("small.csv", rows))
    assert imported["status"] == "ACTIVE", imported
    version = train(GROUP, group, recipe="aws-popularity-count")
    assert version["status"] == "CREATE FAILED", version
    reason = version["failureReason"]
    with Browser() as browser:
        browser.login()
        said = browser.text("main")
        assert reason in said, f"{reason!r} is not in {said}"
        browser.click(browser.one(".failures a"))
        assert browser.path.startswith(f"/console/g/{GROUP}/"), browser.path
        assert reason in browser.text("main"), browser.text("main")


if __name__ == "__main__":
    main()
