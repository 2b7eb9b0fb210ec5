from world import *

EXPRESSION = 'EXCLUDE ItemID WHERE Items.GENRES IN ("odd") | INCLUDE ItemID WHERE Items.PRICE < $MAX'


@happy("CreateFilter", "DescribeFilter", "ListFilters", "DeleteFilter")
def life_of_a_filter():
    arn = call("CreateFilter", name="filter-life", datasetGroupArn=group(), filterExpression=EXPRESSION)["filterArn"]
    assert arn == PREFIX + "filter/filter-life", arn
    seen = active("DescribeFilter", "filter", filterArn=arn)
    alike(seen, name="filter-life", filterArn=arn, datasetGroupArn=group(), filterExpression=EXPRESSION)
    assert "failureReason" not in seen, seen
    listed = {r["name"]: r for r in call("ListFilters", datasetGroupArn=group())["Filters"]}
    alike(listed["filter-life"], filterArn=arn, status="ACTIVE", datasetGroupArn=group())
    assert call("ListFilters", datasetGroupArn=PREFIX + "dataset-group/never")["Filters"] == []
    assert call("DeleteFilter", filterArn=arn) == {}
    gone("DescribeFilter", "filter", filterArn=arn)


@check
def refusals_():
    good = {"name": "filter-bad", "datasetGroupArn": group()}
    for expression, needle in (("INCLUDE", "Could not create filter."), ("INCLUDE ItemID WHERE Items.NOTHING IN (1)", "NOTHING"),
                               ("INCLUDE ItemID WHERE Shoes.SIZE > 3", "Shoes"),
                               ('INCLUDE ItemID WHERE Items.PRICE > "x"', "PRICE"),
                               ("INCLUDE ItemID WHERE Items.PRICE >", "Could not create filter."),
                               ('INCLUDE ActionID WHERE Actions.KIND IN ("x")', "Actions")):
        refuse("CreateFilter", INVALID, needle, **good, filterExpression=expression)
    unknown("CreateFilter", "datasetGroupArn", PREFIX + "dataset-group/never", name="filter-bad", filterExpression=EXPRESSION)
    arn = call("CreateFilter", name="filter-refusals", datasetGroupArn=group(), filterExpression=EXPRESSION)["filterArn"]
    refuse("CreateFilter", EXISTS, arn, **{**good, "name": "filter-refusals"}, filterExpression=EXPRESSION)
    for operation in ("DescribeFilter", "DeleteFilter"):
        unknown(operation, "filterArn", PREFIX + "filter/never")
        refuse(operation, INVALID, "filterArn", filterArn=PREFIX + "schema/never")
    group_arn = make_group("filter-holder")
    make_dataset(group_arn, "ITEMS")
    held = call("CreateFilter", name="filter-holder", datasetGroupArn=group_arn, filterExpression=EXPRESSION)["filterArn"]
    active("DescribeFilter", "filter", filterArn=held)
    refuse("DeleteDatasetGroup", IN_USE, datasetGroupArn=group_arn)


@check
def pages():
    if "CreateFilter" in not_built:
        return
    for n in range(3):
        call("CreateFilter", name=f"filter-page-{n}", datasetGroupArn=group(), filterExpression=EXPRESSION)
    paged("ListFilters", "Filters", 3)
    paged("ListFilters", "Filters", 3, datasetGroupArn=group())
