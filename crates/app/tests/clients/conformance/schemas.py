from world import *


@happy("CreateSchema", "DescribeSchema", "ListSchemas", "DeleteSchema")
def life_of_a_schema():
    arn = call("CreateSchema", name="schema-life", schema=INTERACTIONS)["schemaArn"]
    assert arn == PREFIX + "schema/schema-life", arn
    seen = call("DescribeSchema", schemaArn=arn)["schema"]
    alike(seen, name="schema-life", schemaArn=arn, schema=INTERACTIONS)
    assert "domain" not in seen and seen["creationDateTime"] == seen["lastUpdatedDateTime"], seen
    shop = call("CreateSchema", name="schema-shop", schema=SHOP_ITEMS, domain="ECOMMERCE")["schemaArn"]
    alike(call("DescribeSchema", schemaArn=shop)["schema"], domain="ECOMMERCE")
    listed = {r["schemaArn"]: r for r in call("ListSchemas")["schemas"]}
    assert "schema" not in listed[arn] and listed[shop]["domain"] == "ECOMMERCE", listed
    assert call("DeleteSchema", schemaArn=arn) == {}
    unknown("DescribeSchema", "schemaArn", arn)
    assert arn not in [r["schemaArn"] for r in call("ListSchemas")["schemas"]]
    call("CreateSchema", name="schema-life", schema=ITEMS)


@check
def refusals_():
    arn = make_schema("schema-refusals", INTERACTIONS)
    refuse("CreateSchema", EXISTS, arn, name="schema-refusals", schema=INTERACTIONS)
    for text in ("{", "{}", "[]", '"x"', schema("Shoes", [{"name": "USER_ID", "type": "string"}])):
        refuse("CreateSchema", INVALID, name="schema-bad", schema=text)
    refuse("CreateSchema", INVALID, "TIMESTAMP", name="schema-bad", schema=schema("Interactions", [
        {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}]))
    refuse("CreateSchema", INVALID, "EVENT_TYPE", name="schema-bad", domain="ECOMMERCE", schema=schema("Interactions", [
        {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"}]))
    unknown("DescribeSchema", "schemaArn", PREFIX + "schema/never")
    unknown("DeleteSchema", "schemaArn", PREFIX + "schema/never")
    refuse("DescribeSchema", INVALID, "schemaArn", schemaArn=PREFIX + "campaign/never")
    make_dataset(make_group("schema-user"), "ITEMS")
    refuse("DeleteSchema", IN_USE, "schema-user", schemaArn=PREFIX + "schema/schema-user-items")


@check
def pages():
    for n in range(3):
        make_schema(f"schema-page-{n}", INTERACTIONS)
    paged("ListSchemas", "schemas", 3)
