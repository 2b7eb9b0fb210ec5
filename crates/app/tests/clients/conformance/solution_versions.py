from world import *


@happy("DescribeSolutionVersion", "ListSolutionVersions", "GetSolutionMetrics")
def life_of_a_version():
    arn = version()
    assert re.fullmatch(re.escape(solution()) + r"/[0-9a-f]{8}", arn), arn
    seen = call("DescribeSolutionVersion", solutionVersionArn=arn)["solutionVersion"]
    alike(seen, solutionVersionArn=arn, solutionArn=solution(), datasetGroupArn=group(), status="ACTIVE",
          recipeArn=RECIPES + "aws-user-personalization", trainingMode="FULL", trainingType="MANUAL",
          performHPO=False, performAutoML=False)
    assert seen["trainingHours"] >= 0 and "failureReason" not in seen, seen
    assert seen["solutionConfig"]["algorithmHyperParameters"]["hidden_dimension"] == "32", seen
    listed = call("ListSolutionVersions", solutionArn=solution())["solutionVersions"]
    alike(listed[-1], solutionVersionArn=arn, status="ACTIVE", trainingMode="FULL", trainingType="MANUAL")
    alike(call("DescribeSolution", solutionArn=solution())["solution"]["latestSolutionVersion"], solutionVersionArn=arn)
    metrics = call("GetSolutionMetrics", solutionVersionArn=arn)
    assert metrics["solutionVersionArn"] == arn and set(metrics["metrics"]) == STANDARD_METRICS, metrics
    assert all(0 <= v <= 1 for v in metrics["metrics"].values()), metrics


@happy("CreateSolutionVersion")
def failed_for_lack_of_data():
    arn = call("CreateSolutionVersion", name="labelled", solutionArn=make_solution(
        "version-no-data", group_without_data(), "aws-popularity-count"))["solutionVersionArn"]
    seen = until("DescribeSolutionVersion", "solutionVersion", solutionVersionArn=arn)
    alike(seen, status="CREATE FAILED", name="labelled")
    assert "nteractions" in seen["failureReason"] and "trainingHours" not in seen, seen
    refuse("GetSolutionMetrics", IN_USE, solutionVersionArn=arn)
    refuse("CreateCampaign", INVALID, "CREATE FAILED", name="x", solutionVersionArn=arn)


@check
def refusals_():
    unknown("CreateSolutionVersion", "solutionArn", PREFIX + "solution/never")
    refuse("CreateSolutionVersion", INVALID, "UPDATE", solutionArn=make_solution(
        "version-refusals", group_without_data(), "aws-popularity-count"), trainingMode="UPDATE")
    refuse("CreateSolutionVersion", INVALID, "has no Interactions dataset", solutionArn=make_solution(
        "version-no-dataset", empty_group(), "aws-popularity-count"))
    never = PREFIX + "solution/never/0123abcd"
    for operation in ("DescribeSolutionVersion", "GetSolutionMetrics", "StopSolutionVersionCreation"):
        unknown(operation, "solutionVersionArn", never)
        refuse(operation, INVALID, "solutionVersionArn", solutionVersionArn=PREFIX + "schema/never")
    unknown("ListSolutionVersions", "solutionArn", PREFIX + "solution/never")


@happy("CreateSolutionVersion")
def an_update():
    full = version()
    arn = call("CreateSolutionVersion", solutionArn=solution(), trainingMode="UPDATE")["solutionVersionArn"]
    seen = until("DescribeSolutionVersion", "solutionVersion", solutionVersionArn=arn)
    alike(seen, status="ACTIVE", trainingMode="UPDATE")
    metrics = [call("GetSolutionMetrics", solutionVersionArn=v)["metrics"] for v in (full, arn)]
    assert metrics[0] == metrics[1], metrics


@happy("StopSolutionVersionCreation")
def stopping_a_training():
    slow = make_solution("version-stop", group(), "aws-user-personalization", solutionConfig={
        "algorithmHyperParameters": {"hidden_dimension": "256", "bptt": "32"}})
    arn = call("CreateSolutionVersion", solutionArn=slow)["solutionVersionArn"]
    assert call("StopSolutionVersionCreation", solutionVersionArn=arn) == {}
    assert call("DescribeSolutionVersion", solutionVersionArn=arn)["solutionVersion"]["status"].startswith("CREATE STOP")
    until("DescribeSolutionVersion", "solutionVersion", "CREATE STOPPED", solutionVersionArn=arn)
    refuse("StopSolutionVersionCreation", IN_USE, "CREATE STOPPED", solutionVersionArn=arn)
    refuse("StopSolutionVersionCreation", IN_USE, "ACTIVE", solutionVersionArn=version())
    refuse("CreateCampaign", INVALID, name="x", solutionVersionArn=arn)


@check
def pages():
    arn = popular_version().rsplit("/", 1)[0]
    train(arn)
    train(arn)
    paged("ListSolutionVersions", "solutionVersions", 3, solutionArn=arn)
    paged("ListSolutionVersions", "solutionVersions", 3)
