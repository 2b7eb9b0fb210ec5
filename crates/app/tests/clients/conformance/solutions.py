from world import *


@happy("CreateSolution", "DescribeSolution", "ListSolutions", "DeleteSolution")
def life_of_a_solution():
    group_arn = make_group("solution-life")
    config = {"algorithmHyperParameters": {"hidden_dimension": "64"},
              "featureTransformationParameters": {"max_user_history_length_percentile": "0.9"}}
    arn = call("CreateSolution", name="solution-life", datasetGroupArn=group_arn,
               recipeArn=RECIPES + "aws-user-personalization", solutionConfig=config)["solutionArn"]
    assert arn == PREFIX + "solution/solution-life", arn
    seen = active("DescribeSolution", "solution", solutionArn=arn)
    alike(seen, name="solution-life", solutionArn=arn, datasetGroupArn=group_arn, performHPO=False, performAutoML=False,
          recipeArn=RECIPES + "aws-user-personalization")
    for member, value in config.items():
        assert seen["solutionConfig"][member] == value, seen
    assert "latestSolutionVersion" not in seen and "latestSolutionUpdate" not in seen, seen
    make_solution("solution-second", group_arn, "aws-popularity-count")
    listed = call("ListSolutions", datasetGroupArn=group_arn)["solutions"]
    assert [r["name"] for r in listed] == ["solution-life", "solution-second"], listed
    alike(listed[0], solutionArn=arn, status="ACTIVE", recipeArn=RECIPES + "aws-user-personalization")
    assert call("DeleteSolution", solutionArn=arn) == {}
    gone("DescribeSolution", "solution", solutionArn=arn)
    assert call("ListSolutions", datasetGroupArn=PREFIX + "dataset-group/never")["solutions"] == []


@happy("CreateSolution", "UpdateSolution")
def schedules():
    group_arn = make_group("solution-schedule")
    good = {"datasetGroupArn": group_arn, "recipeArn": RECIPES + "aws-user-personalization"}
    arn = call("CreateSolution", name="solution-default", **good)["solutionArn"]
    alike(active("DescribeSolution", "solution", solutionArn=arn), performAutoTraining=True)
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(30 days)"}}
    arn = call("CreateSolution", name="solution-monthly", solutionConfig=config, **good)["solutionArn"]
    alike(active("DescribeSolution", "solution", solutionArn=arn)["solutionConfig"], **config)
    for rate in ("rate(0 days)", "rate(31 days)"):
        refuse("CreateSolution", INVALID, rate, name="solution-bad", **good,
               solutionConfig={"autoTrainingConfig": {"schedulingExpression": rate}})
    arn = make_solution("solution-update", make_group("solution-update"), "aws-user-personalization")
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    assert call("UpdateSolution", solutionArn=arn, performAutoTraining=True, solutionUpdateConfig=config) == {"solutionArn": arn}
    for _ in range(200):
        seen = call("DescribeSolution", solutionArn=arn)["solution"]
        if seen["latestSolutionUpdate"]["status"] == "ACTIVE":
            break
        time.sleep(0.05)
    alike(seen, performAutoTraining=True, status="ACTIVE")
    alike(seen["latestSolutionUpdate"], performAutoTraining=True, solutionUpdateConfig=config)
    assert seen["solutionConfig"]["autoTrainingConfig"]["schedulingExpression"] == "rate(3 days)", seen
    call("UpdateSolution", solutionArn=arn, performAutoTraining=False)


HPO = {"hpoObjective": {"type": "Maximize", "metricName": "precision_at_25", "metricRegex": ""},
       "hpoResourceConfig": {"maxNumberOfTrainingJobs": "3", "maxParallelTrainingJobs": "2"},
       "algorithmHyperParameterRanges": {
           "integerHyperParameterRanges": [{"name": "min_cointeraction_count", "minValue": 1, "maxValue": 4}],
           "continuousHyperParameterRanges": [{"name": "popularity_discount_factor", "minValue": 0.25, "maxValue": 0.75}],
           "categoricalHyperParameterRanges": []}}


@happy("CreateSolution", "DescribeSolution", "CreateSolutionVersion", "DescribeSolutionVersion")
def hyperparameters_are_searched():
    arn = make_solution("solution-hpo", group(), "aws-sims", performHPO=True, solutionConfig={"hpoConfig": HPO})
    alike(call("DescribeSolution", solutionArn=arn)["solution"], performHPO=True, solutionConfig={"hpoConfig": HPO})
    seen = until("DescribeSolutionVersion", "solutionVersion", solutionVersionArn=train(arn))
    alike(seen, status="ACTIVE", performHPO=True)
    tuned = seen["tunedHPOParams"]["algorithmHyperParameters"]
    assert 1 <= int(tuned["min_cointeraction_count"]) <= 4, tuned
    assert 0.25 <= float(tuned["popularity_discount_factor"]) <= 0.75, tuned


@check
def refused_searches():
    good = {"name": "solution-bad", "datasetGroupArn": empty_group(), "recipeArn": RECIPES + "aws-sims", "performHPO": True}
    refuse("CreateSolution", INVALID, "performHPO", **{**good, "recipeArn": RECIPES + "aws-popularity-count"})
    for jobs in ("0", "41", "many"):
        refuse("CreateSolution", INVALID, jobs, "maxNumberOfTrainingJobs", **good,
               solutionConfig={"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": jobs}}})
    for name, least in (("min_cointeraction_count", -1), ("hidden_dimension", 32)):
        ranges = {"integerHyperParameterRanges": [{"name": name, "minValue": least, "maxValue": 64}]}
        refuse("CreateSolution", INVALID, name, **good, solutionConfig={"hpoConfig": {"algorithmHyperParameterRanges": ranges}})


@check
def refusals_():
    group_arn = make_group("solution-refusals")
    good = {"name": "solution-bad", "datasetGroupArn": group_arn, "recipeArn": RECIPES + "aws-user-personalization"}

    def configured(**config):
        return {**good, "solutionConfig": config}

    refuse("CreateSolution", INVALID, "hidden_dimension", "999", **configured(algorithmHyperParameters={"hidden_dimension": "999"}))
    refuse("CreateSolution", INVALID, "hiden", **configured(algorithmHyperParameters={"hiden": "64"}))
    refuse("CreateSolution", INVALID, "percentile", **configured(
        featureTransformationParameters={"max_user_history_length_percentile": "7"}))
    refuse("CreateSolution", INVALID, name="solution-bad", datasetGroupArn=group_arn)
    refuse("CreateSolution", INVALID, **{**good, "performAutoML": True})
    unknown("CreateSolution", "recipeArn", RECIPES + "aws-nothing", name="solution-bad", datasetGroupArn=group_arn)
    unknown("CreateSolution", "datasetGroupArn", PREFIX + "dataset-group/never", name="solution-bad", recipeArn=good["recipeArn"])
    arn = make_solution("solution-refusals", group_arn, "aws-popularity-count")
    refuse("CreateSolution", EXISTS, arn, **{**good, "name": "solution-refusals"})
    for operation in ("DescribeSolution", "DeleteSolution"):
        unknown(operation, "solutionArn", PREFIX + "solution/never")
        refuse(operation, INVALID, "solutionArn", solutionArn=PREFIX + "schema/never")
    campaign()
    refuse("DeleteSolution", IN_USE, "conformance", solutionArn=solution())


@check
def domain_recipes():
    refuse("CreateSolution", INVALID, "aws-ecomm-recommended-for-you", name="solution-bad", datasetGroupArn=empty_group(),
           recipeArn=RECIPES + "aws-ecomm-recommended-for-you")


@check
def refused_updates():
    arn = make_solution("solution-update-refusals", make_group("solution-update-refusals"), "aws-popularity-count")
    unknown("UpdateSolution", "solutionArn", PREFIX + "solution/never", performAutoTraining=False)
    refuse("UpdateSolution", INVALID, "rate(31 days)", solutionArn=arn, performAutoTraining=True,
           solutionUpdateConfig={"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}})
    refuse("UpdateSolution", INVALID, "erformIncrementalUpdate", solutionArn=arn, performIncrementalUpdate=True)


@check
def pages():
    for n in range(3):
        make_solution(f"solution-page-{n}", empty_group(), "aws-popularity-count")
    paged("ListSolutions", "solutions", 3)
    paged("ListSolutions", "solutions", 3, datasetGroupArn=empty_group())
