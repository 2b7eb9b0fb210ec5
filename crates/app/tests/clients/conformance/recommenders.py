from world import *

VIEWS = RECIPES + "aws-ecomm-popular-items-by-views"


@cache
def recommender():
    arn = call("CreateRecommender", name="recommender-life", datasetGroupArn=shop_group(), recipeArn=VIEWS,
               recommenderConfig={"minRecommendationRequestsPerSecond": 2})["recommenderArn"]
    active("DescribeRecommender", "recommender", recommenderArn=arn)
    return arn


@happy("CreateRecommender", "DescribeRecommender", "ListRecommenders", "UpdateRecommender", "StopRecommender",
       "StartRecommender", "GetRecommendations", "DeleteRecommender")
def life_of_a_recommender():
    arn = recommender()
    assert arn == PREFIX + "recommender/recommender-life", arn
    seen = call("DescribeRecommender", recommenderArn=arn)["recommender"]
    alike(seen, name="recommender-life", recommenderArn=arn, datasetGroupArn=shop_group(), recipeArn=VIEWS, status="ACTIVE")
    assert seen["recommenderConfig"]["minRecommendationRequestsPerSecond"] == 2 and seen["modelMetrics"], seen
    assert "latestRecommenderUpdate" not in seen, seen
    listed = {r["name"]: r for r in call("ListRecommenders", datasetGroupArn=shop_group())["recommenders"]}
    alike(listed["recommender-life"], recommenderArn=arn, status="ACTIVE", recipeArn=VIEWS)
    items = call("GetRecommendations", recommenderArn=arn, userId="u1", numResults=5)["itemList"]
    assert len(items) == 5 and "score" not in items[0], items
    refuse("StartRecommender", IN_USE, "ACTIVE", recommenderArn=arn)
    config = {"minRecommendationRequestsPerSecond": 3}
    assert call("UpdateRecommender", recommenderArn=arn, recommenderConfig=config) == {"recommenderArn": arn}
    for _ in range(400):
        seen = call("DescribeRecommender", recommenderArn=arn)["recommender"]
        assert call("GetRecommendations", recommenderArn=arn, userId="u1")["itemList"]
        if seen["latestRecommenderUpdate"]["status"] == "ACTIVE":
            break
        time.sleep(0.05)
    assert seen["recommenderConfig"]["minRecommendationRequestsPerSecond"] == 3, seen
    assert call("StopRecommender", recommenderArn=arn) == {"recommenderArn": arn}
    until("DescribeRecommender", "recommender", "INACTIVE", recommenderArn=arn)
    refuse("StopRecommender", IN_USE, "INACTIVE", recommenderArn=arn)
    refuse("GetRecommendations", INVALID, "INACTIVE", recommenderArn=arn, userId="u1")
    assert call("StartRecommender", recommenderArn=arn) == {"recommenderArn": arn}
    until("DescribeRecommender", "recommender", "ACTIVE", recommenderArn=arn)
    assert call("GetRecommendations", recommenderArn=arn, userId="u1")["itemList"]
    other = call("CreateRecommender", name="recommender-short", datasetGroupArn=shop_group(), recipeArn=VIEWS)["recommenderArn"]
    active("DescribeRecommender", "recommender", recommenderArn=other)
    assert call("DeleteRecommender", recommenderArn=other) == {}
    gone("DescribeRecommender", "recommender", recommenderArn=other)


@check
def refusals_():
    good = {"name": "recommender-bad", "datasetGroupArn": shop_group(), "recipeArn": VIEWS}
    refuse("CreateRecommender", INVALID, **{**good, "datasetGroupArn": empty_group()})
    refuse("CreateRecommender", INVALID, **{**good, "recipeArn": RECIPES + "aws-vod-top-picks"})
    refuse("CreateRecommender", INVALID, **{**good, "recipeArn": RECIPES + "aws-user-personalization"})
    unknown("CreateRecommender", "recipeArn", RECIPES + "aws-nothing", name="recommender-bad", datasetGroupArn=shop_group())
    unknown("CreateRecommender", "datasetGroupArn", PREFIX + "dataset-group/never", name="recommender-bad", recipeArn=VIEWS)
    for operation in ("DescribeRecommender", "DeleteRecommender", "StartRecommender", "StopRecommender", "UpdateRecommender"):
        more = {"recommenderConfig": {}} if operation == "UpdateRecommender" else {}
        unknown(operation, "recommenderArn", PREFIX + "recommender/never", **more)
        refuse(operation, INVALID, "recommenderArn", recommenderArn=PREFIX + "schema/never", **more)
    if "CreateRecommender" not in not_built:
        refuse("CreateRecommender", EXISTS, recommender(), **{**good, "name": "recommender-life"})


@check
def pages():
    if "CreateRecommender" in not_built:
        return
    recommender()
    arn = call("CreateRecommender", name="recommender-page", datasetGroupArn=shop_group(),
               recipeArn=RECIPES + "aws-ecomm-popular-items-by-purchases")["recommenderArn"]
    active("DescribeRecommender", "recommender", recommenderArn=arn)
    paged("ListRecommenders", "recommenders", 2)
    paged("ListRecommenders", "recommenders", 2, datasetGroupArn=shop_group())
