"""The description of the port, judged by a validator that is not ours, and compared with real requests and answers."""
from common import *

try:
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import validate
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012
except ImportError:
    assert "CI" not in os.environ, "CI needs openapi-spec-validator"
    print("skipped: openapi.py needs openapi-spec-validator; `cargo xtask test` installs it")
    raise SystemExit(0)

status, headers, body = get("/openapi.json")
assert status == 200, status
document = json.loads(body)
validate(document)
posts = [p["post"] for p in document["paths"].values() if "post" in p]
operations = {post["operationId"]: post for post in posts if "plain" not in post.get("tags", [])}
for client in (personalize, runtime, events):
    assert set(client.meta.method_to_api_mapping.values()) <= set(operations), client.meta.service_model.service_name
assert len(operations) == 79, len(operations)

registry = Registry().with_resource("urn:document", Resource(contents=document, specification=DRAFT202012))


def valid(pointer, value):
    """Whether the schema at this place of the document takes the value."""
    return Draft202012Validator({"$ref": "urn:document" + pointer}, registry=registry).is_valid(value)


def schema_of(content):
    [media] = content.values()
    return media["schema"]["$ref"]


request = schema_of(operations["CreateSchema"]["requestBody"]["content"])
assert valid(request, {"name": "openapi", "schema": INTERACTIONS})
assert not valid(request, {"name": "openapi"}) and not valid(request, {"name": "!!", "schema": "{}"})
assert not valid(request, {"name": "openapi", "schema": "{}", "domain": "SHOES"})
personalize.create_schema(name="openapi", schema=INTERACTIONS)
raw = {}
personalize.meta.events.register("before-parse.*", lambda response_dict, **_: raw.update(response_dict))
personalize.list_schemas()
assert valid(schema_of(operations["ListSchemas"]["responses"]["200"]["content"]), json.loads(raw["body"])), raw
expect("ResourceAlreadyExistsException", personalize.create_schema, name="openapi", schema=INTERACTIONS)
assert valid(schema_of(operations["CreateSchema"]["responses"]["400"]["content"]), json.loads(raw["body"])), raw
status, _, body = get("/recommendations?user_id=u")
assert status == 404 and valid("#/components/schemas/PlainError", json.loads(body)), (status, body)
print("ok: openapi")
