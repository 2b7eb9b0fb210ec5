from world import *


@happy("CreateCampaign", "DescribeCampaign", "ListCampaigns", "UpdateCampaign", "DeleteCampaign")
def life_of_a_campaign():
    config = {"itemExplorationConfig": {"explorationWeight": "0.2", "explorationItemAgeCutOff": "10"}}
    arn = call("CreateCampaign", name="campaign-life", solutionVersionArn=version(), minProvisionedTPS=2,
               campaignConfig=config)["campaignArn"]
    assert arn == PREFIX + "campaign/campaign-life", arn
    seen = active("DescribeCampaign", "campaign", campaignArn=arn)
    alike(seen, name="campaign-life", campaignArn=arn, solutionVersionArn=version(), minProvisionedTPS=2,
          campaignConfig=config)
    assert "latestCampaignUpdate" not in seen and "failureReason" not in seen, seen
    listed = {r["name"]: r for r in call("ListCampaigns", solutionArn=solution())["campaigns"]}
    alike(listed["campaign-life"], campaignArn=arn, status="ACTIVE")
    popular = popular_version()
    assert call("UpdateCampaign", campaignArn=arn, solutionVersionArn=popular, campaignConfig={}) == {"campaignArn": arn}
    for _ in range(200):
        seen = call("DescribeCampaign", campaignArn=arn)["campaign"]
        assert seen["status"] == "ACTIVE", seen
        if seen["latestCampaignUpdate"]["status"] == "ACTIVE":
            break
        time.sleep(0.05)
    alike(seen, solutionVersionArn=popular, minProvisionedTPS=2)
    alike(seen["latestCampaignUpdate"], solutionVersionArn=popular, minProvisionedTPS=2, status="ACTIVE")
    assert call("DeleteCampaign", campaignArn=arn) == {}
    gone("DescribeCampaign", "campaign", campaignArn=arn)
    assert call("ListCampaigns", solutionArn=PREFIX + "solution/never")["campaigns"] == []


@happy("CreateCampaign")
def latest():
    arn = make_campaign("campaign-latest", solution() + "/$LATEST")
    assert call("DescribeCampaign", campaignArn=arn)["campaign"]["solutionVersionArn"].startswith(solution() + "/")
    call("DeleteCampaign", campaignArn=arn)


@check
def refusals_():
    good = {"name": "campaign-bad", "solutionVersionArn": version()}
    unknown("CreateCampaign", "solutionVersionArn", PREFIX + "solution/never/0123abcd", name="campaign-bad")
    unknown("CreateCampaign", "solutionVersionArn", PREFIX + "solution/never/$LATEST", name="campaign-bad")
    refuse("CreateCampaign", UNKNOWN, "solution", **{**good, "solutionVersionArn": solution()})
    refuse("CreateCampaign", INVALID, "explorationWeight", "7", **good,
           campaignConfig={"itemExplorationConfig": {"explorationWeight": "7"}})
    refuse("CreateCampaign", INVALID, "exploration", **good, campaignConfig={"itemExplorationConfig": {"explorationWait": "0"}})
    refuse("CreateCampaign", INVALID, "syncWithLatestSolutionVersion", **good,
           campaignConfig={"syncWithLatestSolutionVersion": True})
    refuse("CreateCampaign", EXISTS, campaign(), **{**good, "name": "conformance"})
    for operation in ("DescribeCampaign", "DeleteCampaign", "UpdateCampaign"):
        unknown(operation, "campaignArn", PREFIX + "campaign/never")
        refuse(operation, INVALID, "campaignArn", campaignArn=PREFIX + "schema/never")
    unknown("UpdateCampaign", "solutionVersionArn", PREFIX + "solution/never/0123abcd", campaignArn=campaign())


@check
def pages():
    made = [make_campaign(f"campaign-page-{n}", popular_version()) for n in range(2)]
    campaign()
    paged("ListCampaigns", "campaigns", 3)
    paged("ListCampaigns", "campaigns", 2, solutionArn=popular_version().rsplit("/", 1)[0])
    for arn in made:
        call("DeleteCampaign", campaignArn=arn)
