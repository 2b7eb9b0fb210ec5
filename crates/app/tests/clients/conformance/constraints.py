"""Every constraint of botocore's model, violated once over the wire, in AWS's words."""
from harness import *

# Pattern of the model: a text that matches and one that does not.
SAMPLES = {
    r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*": ("probe", "!!"),
    r"arn:([a-z\d-]+):personalize:.*:.*:.+": (PREFIX + "probe/none", "arn:aws:s3:::bucket"),
    r"arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+": (ROLE, "arn:aws:iam::1:role/x"),
    r"arn:aws.*:kms:.*:[0-9]{12}:key/.*": (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k", "arn:aws:kms:key"),
    r"(s3|http|https)://.+": ("s3://bucket/key", "ftp://bucket"),
    r"\p{ASCII}{0,1500}": ("token", "é"),
    r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$": ("key", "a,b"),
    r"[A-Za-z_][A-Za-z\d_]*": ("COLUMN", "1-x"),
    r"rate\(\d+ days?\)": ("rate(7 days)", "rate(soon)"),
    r"^[A-Za-z_]+$": ("Items", "Items1"),
    r"[A-Za-z\d_]+": ("KEY", "a-b"),
    r"[A-Za-z0-9_]+": ("KEY", "a-b"),
    r"^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$": ("source", "é"),
}


def valid(shape):
    """The smallest value that the model takes."""
    facts = shape.metadata
    if shape.type_name == "structure":
        return {name: valid(shape.members[name]) for name in facts.get("required", [])}
    if shape.type_name == "list":
        return [valid(shape.member) for _ in range(facts.get("min", 0))]
    if shape.type_name == "map":
        return {}
    if shape.type_name == "string":
        text = shape.enum[0] if shape.enum else SAMPLES[facts["pattern"]][0] if "pattern" in facts else "text"
        return text.ljust(facts.get("min", 0), "x")
    if shape.type_name in ("integer", "long"):
        return max(facts.get("min", 1), 1)
    return {"double": 0.5, "float": 0.5, "boolean": False, "timestamp": 1_700_000_000}[shape.type_name]


def violations(shape, path=""):
    """(a function from a valid value to a spoilt one, path in the message, rule in the message)."""
    facts = shape.metadata
    kind = shape.type_name

    def replaced(value):
        return lambda _: value

    if kind == "structure":
        for name, member in shape.members.items():
            at = f"{path}.{name}" if path else name
            if name in facts.get("required", []):
                yield lambda v, name=name: {k: x for k, x in v.items() if k != name}, at, "must not be null"
            for spoil, where, rule in violations(member, at):
                yield (lambda v, name=name, member=member, spoil=spoil:
                       {**v, name: spoil(v.get(name, valid(member)))}), where, rule
    elif kind == "list":
        if "max" in facts:
            yield replaced([valid(shape.member)] * (facts["max"] + 1)), path, f"length less than or equal to {facts['max']}"
        if facts.get("min"):
            yield replaced([]), path, f"length greater than or equal to {facts['min']}"
        for spoil, where, rule in violations(shape.member, f"{path}.1.member"):
            yield lambda v, spoil=spoil: [spoil(valid(shape.member))] + v[1:], where, rule
    elif kind == "map":
        if "max" in facts and not shape.key.enum:
            many = {f"{valid(shape.key)}{'x' * n}": valid(shape.value) for n in range(facts["max"] + 1)}
            yield replaced(many), path, f"length less than or equal to {facts['max']}"
        for spoil, where, rule in violations(shape.key, path):
            yield lambda v, spoil=spoil: {spoil(valid(shape.key)): valid(shape.value)}, path, rule
        key = valid(shape.key)
        for spoil, where, rule in violations(shape.value, f"{path}.{key}.member"):
            yield lambda v, spoil=spoil: {key: spoil(valid(shape.value))}, where, rule
    elif kind == "string":
        if shape.enum:
            yield replaced("NOPE"), path, "enum value set: ["
        if "pattern" in facts:
            yield replaced(SAMPLES[facts["pattern"]][1]), path, f"regular expression pattern: {facts['pattern']}"
        if "max" in facts:
            yield replaced(valid(shape)[:1] * (facts["max"] + 1)), path, f"length less than or equal to {facts['max']}"
        if facts.get("min"):
            yield replaced(""), path, f"length greater than or equal to {facts['min']}"
    elif kind in ("integer", "long", "double", "float"):
        if "max" in facts:
            yield replaced(facts["max"] + 1), path, f"value less than or equal to {facts['max']}"
        if "min" in facts:
            yield replaced(facts["min"] - 1), path, f"value greater than or equal to {facts['min']}"


def probe():
    """Finds the operations that this build lacks. What is sent is valid by the model, but names things that do not exist."""
    for operation, (_, _, model) in OPERATIONS.items():
        members = valid(model.input_shape)
        if operation == "CreateDatasetGroup":
            members["kmsKeyArn"] = SAMPLES[r"arn:aws.*:kms:.*:[0-9]{12}:key/.*"][0]  # without a role: refused
        try:
            call(operation, **members)
        except (NotBuilt, ClientError):
            pass


@check
def every_constraint():
    count = 0
    for operation, (_, _, model) in OPERATIONS.items():
        if operation in not_built:
            continue
        base = valid(model.input_shape)
        for spoil, path, rule in violations(model.input_shape):
            message = refuse(operation, INVALID, "validation error", f"at '{path}' failed to satisfy constraint: ",
                             rule, **spoil(base))
            assert re.match(r"\d+ validation errors? detected: Value", message), message
            count += 1
    assert count > 5 * (len(OPERATIONS) - len(not_built)), count
    print(f"constraints violated: {count}")


@check
def every_type():
    wrong = {"string": [1], "integer": "1", "long": "1", "double": "x", "float": "x", "boolean": "true",
             "timestamp": "noon", "list": {}, "map": [], "structure": "x"}
    for operation, (_, _, model) in OPERATIONS.items():
        for name, member in model.input_shape.members.items():
            if member.type_name in ("structure", "list", "map"):
                continue  # botocore's own serializer cannot write them wrong
            refuse(operation, TYPE, name, **{**valid(model.input_shape), name: wrong[member.type_name]})
