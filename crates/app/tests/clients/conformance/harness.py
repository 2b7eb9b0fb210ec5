"""The frame of the conformance suite: calls that check what came over the wire, refusals, pagination, the table.

A resource's file registers functions with `@happy(operations...)` and `@check`. Inside them
  call(operation, **members)            must succeed; the raw answer must fit the operation's output shape,
  refuse(operation, code, *needles, …)  must fail with this code in all the places where clients read it,
  paged(operation, key, …)              walks a list in pages of one and tries spoilt tokens.
An operation is complete when a happy function names and calls it, two refusals were seen (a violated constraint of the
model and something else), and, for the sixteen lists, its paginator works. `NOT_BUILT` operations are left out of account.
"""
import json
import re
import sys
import time
import traceback
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from common import (INTERACTIONS, ITEMS, RECIPES, ROLE, STANDARD_METRICS, chain_rows, csv_text, s3, schema,  # noqa: F401
                    upload)

LOOSE = Config(retries={"max_attempts": 1}, parameter_validation=False)
CLIENTS = [boto3.client(name, config=LOOSE) for name in ("personalize", "personalize-runtime", "personalize-events")]
PERSONALIZE, RUNTIME, EVENTS = CLIENTS

OPERATIONS = {}
for _client in CLIENTS:
    for _method, _name in _client.meta.method_to_api_mapping.items():
        OPERATIONS[_name] = (_client, _method, _client.meta.service_model.operation_model(_name))
PAGINATED = sorted(n for n, (c, m, _) in OPERATIONS.items() if c.can_paginate(m))

ACCOUNT = "000000000000"
PREFIX = f"arn:aws:personalize:us-east-1:{ACCOUNT}:"
NOT_BUILT_TEXT = "{} is not available in this version of Tastemaker."
INVALID, UNKNOWN, EXISTS = "InvalidInputException", "ResourceNotFoundException", "ResourceAlreadyExistsException"
IN_USE, TOKEN, TYPE = "ResourceInUseException", "InvalidNextTokenException", "SerializationException"
STATUSES = {(1, UNKNOWN): 404, (2, UNKNOWN): 404, (2, IN_USE): 409}

functions = []
happy_done, refusals, pages_done, not_built, failures = {}, {}, set(), set(), []
excused = set()
_raw = {}
_current = {"operation": None, "succeeded": set()}


class NotBuilt(Exception):
    """The operation said that this version does not have it."""


def happy(*operations):
    """Registers a function that proves these operations with good input."""
    return lambda f: functions.append((f, operations)) or f


def check(f):
    """Registers a function that proves refusals or pagination; they are counted by `refuse` and `paged`."""
    functions.append((f, ()))
    return f


def _keep(response_dict, **_):
    _raw.update(response_dict)


for _client in CLIENTS:
    _client.meta.events.register("before-parse.*", _keep)


def _send(operation, members):
    client, method, _ = OPERATIONS[operation]
    _current["operation"] = operation
    _raw.clear()
    return getattr(client, method)(**members)


def call(operation, **members):
    """The parsed answer of a call that must succeed."""
    try:
        answer = _send(operation, members)
    except ClientError as e:
        if e.response["Error"].get("Message") == NOT_BUILT_TEXT.format(operation):
            not_built.add(operation)
            raise NotBuilt(operation) from e
        raise
    client, _, model = OPERATIONS[operation]
    headers, body = _raw["headers"], _raw["body"]
    assert _raw["status_code"] == 200, _raw
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-amzn-requestid"]), headers
    if body or model.output_shape is not None:
        wanted = "application/x-amz-json-1.1" if client is PERSONALIZE else "application/json"
        assert headers["content-type"] == wanted, headers
        fits(model.output_shape, json.loads(body), operation)
    _current["succeeded"].add(operation)
    answer.pop("ResponseMetadata")
    return answer


def fits(shape, value, path):
    """The JSON value is what a strictly typed client of this shape reads."""
    kind = shape.type_name if shape is not None else "structure"
    if kind == "structure":
        assert isinstance(value, dict), f"{path} is {value!r}"
        known = shape.members if shape is not None else {}
        for name, held in value.items():
            assert name in known, f"{path}.{name} is not in the model"
            fits(known[name], held, f"{path}.{name}")
        for name in shape.metadata.get("required", []) if shape is not None else []:
            assert name in value, f"{path}.{name} is required"
    elif kind == "list":
        assert isinstance(value, list) and len(value) <= shape.metadata.get("max", len(value)), f"{path} is {value!r}"
        for n, held in enumerate(value):
            fits(shape.member, held, f"{path}[{n}]")
    elif kind == "map":
        assert isinstance(value, dict), f"{path} is {value!r}"
        for name, held in value.items():
            fits(shape.value, held, f"{path}[{name}]")
    elif kind == "string":
        assert isinstance(value, str), f"{path} is {value!r}"
        assert not shape.enum or value in shape.enum, f"{path} is {value!r}, not one of {shape.enum}"
        assert len(value) <= shape.metadata.get("max", len(value)), f"{path} is longer than {shape.metadata['max']}"
    elif kind in ("integer", "long"):
        assert isinstance(value, int) and not isinstance(value, bool), f"{path} is {value!r}"
    elif kind in ("double", "float"):
        assert isinstance(value, (int, float)) and not isinstance(value, bool), f"{path} is {value!r}"
    elif kind == "timestamp":
        assert isinstance(value, (int, float)) and 1.4e9 < value < 4e9, f"{path} is {value!r}"
    elif kind == "boolean":
        assert isinstance(value, bool), f"{path} is {value!r}"
    else:
        raise AssertionError(f"{path}: no rule for {kind}")


def refuse(operation, code, *needles, **members):
    """The message of a call that must fail with this code; `needles` are parts of that message."""
    if operation in not_built:
        return ""
    client, _, model = OPERATIONS[operation]
    try:
        answer = _send(operation, members)
    except ClientError as e:
        error = e
    else:
        answer.pop("ResponseMetadata", None)
        raise AssertionError(f"{operation} should refuse {members} with {code}, but answered {answer}")
    message = error.response["Error"].get("Message", "")
    if message == NOT_BUILT_TEXT.format(operation):
        not_built.add(operation)
        return ""
    seen = f"{operation}({members}) gave {error}"
    assert error.response["Error"]["Code"] == code, f"{seen}, not {code}"
    declared = {shape.name for shape in model.error_shapes} | {INVALID, TYPE}
    assert code in declared, f"{seen}, which the model does not declare for it"
    if code in client.meta.service_model.shape_names:
        assert isinstance(error, client.exceptions.from_code(code)), f"{seen}, of class {type(error)}"
        assert error.response.get("message") == message, seen
    status = STATUSES.get((CLIENTS.index(client), code), 400)
    assert _raw["status_code"] == status, f"{seen} with status {_raw['status_code']}, not {status}"
    body, headers = json.loads(_raw["body"]), _raw["headers"]
    assert body["__type"] == code and set(body) <= {"__type", "message"}, f"{seen}: {body}"
    assert headers["x-amzn-errortype"] == code and headers["x-amzn-requestid"], f"{seen}: {headers}"
    assert message, seen
    for needle in needles:
        assert needle in message, f"{seen}, without {needle!r}"
    refusals.setdefault(operation, set()).add("model" if "validation error" in message else code)
    return message


def unknown(operation, member, arn, **members):
    """An ARN of the right kind that names nothing is a ResourceNotFoundException that says the ARN."""
    refuse(operation, UNKNOWN, arn, **{member: arn}, **members)


def paged(operation, key, at_least=2, name=lambda r: json.dumps(r, default=str, sort_keys=True), **members):
    """Pages of one give what a page of a hundred gives; a spoilt, foreign or borrowed token is refused."""
    whole = [name(r) for r in call(operation, maxResults=100, **members)[key]]
    assert len(whole) >= at_least and len(set(whole)) == len(whole), f"{operation} lists {whole}"
    client, method, _ = OPERATIONS[operation]
    if client.can_paginate(method):
        found = []
        for page in client.get_paginator(method).paginate(PaginationConfig={"PageSize": 1}, **members):
            fits(OPERATIONS[operation][2].output_shape, json.loads(_raw["body"]), operation)
            assert len(page[key]) <= 1, page
            found += [name(r) for r in page[key]]
        assert found == whole, f"{operation} in pages of one: {found}, at once: {whole}"
    first = call(operation, maxResults=1, **members)
    token = first["nextToken"]
    assert 0 < len(token) <= 1500 and token.isascii(), token
    assert [name(r) for r in first[key]] == whole[:1]
    second = call(operation, maxResults=100, nextToken=token, **members)
    assert [name(r) for r in second[key]] == whole[1:] and "nextToken" not in second, second
    swapped = "A" if token[len(token) // 2] != "A" else "B"
    altered = token[:len(token) // 2] + swapped + token[len(token) // 2 + 1:]
    other = "ListSchemas" if operation != "ListSchemas" else "ListDatasetGroups"
    for bad in (altered, token + "A", token[:-2], "nonsense", "x" * 1500):
        refuse(operation, TOKEN, nextToken=bad, **members)
    refuse(other, TOKEN, nextToken=token)
    refuse(operation, INVALID, "'maxResults'", "less than or equal to 100", maxResults=101, **members)
    refuse(operation, INVALID, "'maxResults'", "greater than or equal to 1", maxResults=0, **members)
    pages_done.add(operation)
    return whole


def until(describe, member, *final, seconds=60, **arn):
    """Polls until the status is one of `final` (else ACTIVE or CREATE FAILED) and returns the resource."""
    final = final or ("ACTIVE", "CREATE FAILED")
    end = time.time() + seconds
    while True:
        resource = call(describe, **arn)[member]
        if resource["status"] in final:
            return resource
        assert time.time() < end, f"{arn} is still {resource['status']} after {seconds} s"
        time.sleep(0.05)


def active(describe, member, seconds=60, **arn):
    """The resource once it is ACTIVE."""
    resource = until(describe, member, seconds=seconds, **arn)
    assert resource["status"] == "ACTIVE", resource
    return resource


def gone(describe, member, seconds=30, **arn):
    """After a deletion: DELETE states, then ResourceNotFoundException."""
    end = time.time() + seconds
    while time.time() < end:
        try:
            status = call(describe, **arn)[member].get("status", "")
        except ClientError as e:
            assert e.response["Error"]["Code"] == UNKNOWN, e
            return
        assert status.startswith("DELETE "), f"{arn} is {status} after its deletion"
        time.sleep(0.05)
    raise AssertionError(f"{arn} is still there after {seconds} s")


def alike(resource, **members):
    """The members have these values."""
    different = {k: resource.get(k) for k, v in members.items() if resource.get(k) != v}
    assert not different, f"{different}, expected {members}"


def run_all(pending):
    """Runs every registered function; an error is booked on the operation that was called last. Functions named in
    `pending` may fail: what they prove is not in this version, and the operations named with them may lack a column."""
    for f, operations in functions:
        started = time.time()
        _current.update(operation=None, succeeded=set())
        name = f"{f.__module__}.{f.__name__}"
        if not_built.intersection(operations):
            continue
        try:
            f()
            idle = [o for o in operations if o not in _current["succeeded"]]
            assert not idle, f"{name} names {idle}, which never succeeded in it"
            happy_done.update(dict.fromkeys(operations, name))
            if name in pending:
                print(f"pending, but it passes: {name}")
        except NotBuilt:
            pass
        except Exception:  # every failure is a row of the report
            if name in pending:
                print(f"pending: {name}: {traceback.format_exc().splitlines()[-1][:200]}")
                excused.update(pending[name])
                continue
            failures.append((operations or (_current["operation"],), name, traceback.format_exc()))
        if time.time() - started > 5:
            print(f"slow: {name} {time.time() - started:.1f} s")


def report():
    """Prints the table; returns whether every operation that is built is complete or excused."""
    complete, holes = 0, 0
    print(f"{'operation':34} {'happy':10} {'errors':10} pagination")
    for operation in sorted(OPERATIONS):
        if operation in not_built:
            print(f"{operation:34} not built")
            continue
        kinds = refusals.get(operation, set())
        enough = "model" in kinds and len(kinds) >= 2
        row = ["ok" if operation in happy_done else "MISSING",
               f"{len(kinds)} kinds" if enough else "MISSING",
               "-" if operation not in PAGINATED else "ok" if operation in pages_done else "MISSING"]
        if any(operation in operations for operations, _, _ in failures):
            row.append("FAILED")
        whole = "MISSING" not in row and "FAILED" not in row
        complete += whole
        if operation in excused and "FAILED" not in row:
            row = [word.replace("MISSING", "pending") for word in row]
        holes += "MISSING" in row or "FAILED" in row
        print(f"{operation:34} {row[0]:10} {row[1]:10} {' '.join(row[2:])}")
    for _, name, text in failures:
        print(f"\n{name}\n{text}")
    print(f"{complete} of {len(OPERATIONS)}" + (f"; {len(not_built)} not built" if not_built else ""))
    return not holes and not failures
