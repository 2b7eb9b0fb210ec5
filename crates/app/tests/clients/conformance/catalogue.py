from world import *

CUSTOM = """aws-user-personalization-v2 aws-user-personalization aws-hrnn aws-hrnn-metadata aws-hrnn-coldstart
aws-popularity-count aws-trending-now aws-personalized-ranking-v2 aws-personalized-ranking aws-semantic-similarity
aws-similar-items aws-sims aws-next-best-action aws-item-affinity aws-item-attribute-affinity""".split()
SHOP = """aws-ecomm-popular-items-by-views aws-ecomm-popular-items-by-purchases aws-ecomm-frequently-bought-together
aws-ecomm-customers-who-viewed-x-also-viewed aws-ecomm-recommended-for-you""".split()
VIDEO = """aws-vod-because-you-watched-x aws-vod-more-like-x aws-vod-most-popular aws-vod-trending-now
aws-vod-top-picks""".split()


@happy("ListRecipes")
def whole_catalogue():
    names = {r["name"] for r in call("ListRecipes")["recipes"]}
    missing = {*CUSTOM, *SHOP, *VIDEO} - names
    assert not missing, f"not listed: {sorted(missing)}"
    for domain, expected in (("ECOMMERCE", SHOP), ("VIDEO_ON_DEMAND", VIDEO)):
        found = call("ListRecipes", domain=domain)["recipes"]
        assert sorted(r["name"] for r in found) == sorted(expected), found
        assert {r["domain"] for r in found} == {domain}, found


@happy("ListRecipes", "DescribeRecipe")
def recipes():
    for summary in call("ListRecipes", recipeProvider="SERVICE")["recipes"]:
        assert summary["status"] == "ACTIVE" and summary["recipeArn"] == RECIPES + summary["name"], summary
        recipe = call("DescribeRecipe", recipeArn=summary["recipeArn"])["recipe"]
        alike(recipe, name=summary["name"], recipeArn=summary["recipeArn"], status="ACTIVE")
        assert recipe["recipeType"] and recipe["description"], recipe


@happy("DescribeRecipe", "DescribeAlgorithm", "DescribeFeatureTransformation")
def what_a_recipe_names():
    recipe = call("DescribeRecipe", recipeArn=RECIPES + "aws-user-personalization")["recipe"]
    alike(recipe, recipeType="USER_PERSONALIZATION",
          algorithmArn="arn:aws:personalize:::algorithm/aws-user-personalization",
          featureTransformationArn="arn:aws:personalize:::feature-transformation/JSON-percentile-filtering")
    algorithm = call("DescribeAlgorithm", algorithmArn=recipe["algorithmArn"])["algorithm"]
    alike(algorithm, name="aws-user-personalization", algorithmArn=recipe["algorithmArn"])
    assert algorithm["defaultHyperParameters"]["hidden_dimension"] == "149", algorithm
    ranges = {r["name"]: r for r in algorithm["defaultHyperParameterRanges"]["integerHyperParameterRanges"]}
    alike(ranges["hidden_dimension"], minValue=32, maxValue=256, isTunable=True)
    features = call("DescribeFeatureTransformation", featureTransformationArn=recipe["featureTransformationArn"])
    alike(features["featureTransformation"], name="JSON-percentile-filtering", status="ACTIVE")
    assert "min_user_history_length_percentile" in features["featureTransformation"]["defaultParameters"], features


@check
def refusals_():
    unknown("DescribeRecipe", "recipeArn", RECIPES + "aws-nothing")
    unknown("DescribeAlgorithm", "algorithmArn", "arn:aws:personalize:::algorithm/aws-nothing")
    unknown("DescribeFeatureTransformation", "featureTransformationArn", "arn:aws:personalize:::feature-transformation/nothing")
    refuse("DescribeRecipe", INVALID, "recipeArn", recipeArn=PREFIX + "schema/never")


@check
def pages():
    paged("ListRecipes", "recipes")
