from world import *

SHOP = {"tagKey": "shop", "tagValue": "lamps"}
EMPTY = {"tagKey": "team/x y", "tagValue": ""}


def tags_of(arn):
    return sorted(call("ListTagsForResource", resourceArn=arn)["tags"], key=lambda t: t["tagKey"])


@happy("TagResource", "ListTagsForResource", "UntagResource")
def life_of_tags():
    arn = call("CreateDatasetGroup", name="tags-life", tags=[SHOP])["datasetGroupArn"]
    assert tags_of(arn) == [SHOP], tags_of(arn)
    assert call("TagResource", resourceArn=arn, tags=[EMPTY, {**SHOP, "tagValue": "lights"}]) == {}
    assert tags_of(arn) == [{**SHOP, "tagValue": "lights"}, EMPTY], tags_of(arn)
    assert call("UntagResource", resourceArn=arn, tagKeys=["shop", "never"]) == {}
    assert tags_of(arn) == [EMPTY], tags_of(arn)
    call("DeleteDatasetGroup", datasetGroupArn=arn)
    gone("DescribeDatasetGroup", "datasetGroup", datasetGroupArn=arn)
    refuse("ListTagsForResource", UNKNOWN, resourceArn=arn)


@happy("TagResource", "ListTagsForResource")
def every_taggable_kind():
    for arn in (group(), dataset("ITEMS"), PREFIX + "dataset-import-job/conformance-items", solution(), version(), campaign()):
        call("TagResource", resourceArn=arn, tags=[SHOP])
        assert SHOP in tags_of(arn), arn


@check
def refusals_():
    never = PREFIX + "dataset-group/never"
    unknown("TagResource", "resourceArn", never, tags=[SHOP])
    unknown("UntagResource", "resourceArn", never, tagKeys=["shop"])
    unknown("ListTagsForResource", "resourceArn", never)
    schema_arn = make_schema("tags-refusals", INTERACTIONS)
    refuse("TagResource", INVALID, schema_arn, resourceArn=schema_arn, tags=[SHOP])
    refuse("ListTagsForResource", INVALID, schema_arn, resourceArn=schema_arn)
    refuse("UntagResource", INVALID, schema_arn, resourceArn=schema_arn, tagKeys=["x"])
    arn = make_group("tags-refusals")
    refuse("TagResource", INVALID, "aws:", resourceArn=arn, tags=[{"tagKey": "aws:x", "tagValue": "y"}])
    many = [{"tagKey": f"k{n}", "tagValue": "v"} for n in range(51)]
    refuse("TagResource", "TooManyTagsException", "50", resourceArn=arn, tags=many)
    refuse("UntagResource", "TooManyTagKeysException", "50", resourceArn=arn, tagKeys=[t["tagKey"] for t in many])
    if "TagResource" not in not_built:
        refuse("CreateDatasetGroup", "TooManyTagsException", "50", name="tags-many", tags=many)
