"""Items datasets that say nothing of content: lists stay at least as good as the most popular items, before and after an absence."""
from common import *

CREATED = schema("Items", [{"name": "ITEM_ID", "type": "string"}, {"name": "CREATION_TIMESTAMP", "type": "long"}])
GENRES = schema("Items", [
    {"name": "ITEM_ID", "type": "string"}, {"name": "GENRE", "type": ["null", "string"], "categorical": True}])
DAY = 86_400


def long_tail(seed, users=120, events=24):
    """Users who come back every few days. Half of what they take is one of sixty items and half what nobody else takes; one user, whom
    the recipe leaves out of its training for so long a history, takes three hundred items that nobody else takes."""
    draw = random.Random(seed)
    rows = []
    for user in range(users):
        time_s = 1_700_000_000 + draw.randrange(40) * DAY
        for step in range(events):
            time_s += 3 * DAY if step % 6 == 5 else 60
            item = f"i{int(60 ** draw.random()) - 1}" if draw.random() < 0.5 else f"once{len(rows)}"
            rows.append((f"u{user}", item, time_s, "view"))
    rows += [("robot", f"robot{n}", 1_700_000_000 + n * 600, "view") for n in range(300)]
    return rows


def popularity_of_lists(campaign, counts, users=40):
    """How often an item of the users' lists was taken on average, how many of the places hold items taken once, and the lists."""
    lists = [recommended(campaign, f"u{user}", 10) for user in range(users)]
    places = [counts[item] for one in lists for item in one]
    return sum(places) / len(places), sum(count <= 1 for count in places) / len(places), lists


def check(name, text, rows_of_items, import_first, seed):
    group = personalize.create_dataset_group(name=name)["datasetGroupArn"]
    interactions = dataset(name, group, "Interactions", INTERACTIONS)
    rows = long_tail(seed)
    job = import_job(f"{name}-events", interactions, upload(
        f"{name}/events.csv", csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], rows)))
    assert job["status"] == "ACTIVE", job
    items = dataset(name, group, "Items", text)
    ids = sorted({row[1] for row in rows})
    header = [field["name"] for field in json.loads(text)["fields"]]
    if rows_of_items and import_first:
        job = import_job(f"{name}-items", items, upload(f"{name}/items.csv", csv_text(header, rows_of_items(ids))))
        assert job["status"] == "ACTIVE", job
    counts = {id: 0 for id in ids}
    for row in rows:
        counts[row[1]] += 1
    small = {"algorithmHyperParameters": {"hidden_dimension": "32"}}
    version = train(name, group, solutionConfig=small)
    assert version["status"] == "ACTIVE", version
    campaign = deploy(name, version["solutionVersionArn"], campaignConfig=UNEXPLORED)
    mean, once, lists = popularity_of_lists(campaign, counts)
    everywhere = sum(count * count for count in counts.values()) / len(rows)
    assert mean > everywhere / 3 and once < 0.5, (name, mean, once, everywhere, lists[:2])
    metrics = personalize.get_solution_metrics(solutionVersionArn=version["solutionVersionArn"])["metrics"]
    assert all(str(value)[0] != "-" for value in metrics.values()), metrics
    if rows_of_items and not import_first:
        # The import comes after the first training; the second one sees it.
        job = import_job(f"{name}-items", items, upload(f"{name}/items.csv", csv_text(header, rows_of_items(ids))))
        assert job["status"] == "ACTIVE", job
        version = train(f"{name}-second", group, solutionConfig=small)
        assert version["status"] == "ACTIVE", version
        campaign = deploy(f"{name}-second", version["solutionVersionArn"], campaignConfig=UNEXPLORED)
        mean, once, lists = popularity_of_lists(campaign, counts)
        assert mean > everywhere / 3 and once < 0.5, (name, "second", mean, once, everywhere, lists[:2])
    return mean, once


print("ok: items without content", [
    check("items-empty", GENRES, None, True, 3),
    check("items-created", CREATED, lambda ids: [(id, 1_600_000_000 + n) for n, id in enumerate(ids)], True, 4),
    check("items-later", GENRES, lambda ids: [(id, ["drama", "comedy", "western"][n % 3]) for n, id in enumerate(ids)], False, 5),
])
