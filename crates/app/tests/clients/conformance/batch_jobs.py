from export_jobs import content
from world import *


def ends(name, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    return {"jobInput": {"s3DataSource": {"path": upload(f"{name}/in/lines.json", text)}},
            "jobOutput": {"s3DataDestination": {"path": f"s3://client-tests/{name}/out/"}}}


def infer(name, lines=({"userId": "u1"}, {"userId": "u2"}), **members):
    return call("CreateBatchInferenceJob", **{
        "jobName": name, "solutionVersionArn": version(), "roleArn": ROLE, **ends(name, lines), **members})["batchInferenceJobArn"]


def segment(name, lines=({"itemId": "i1"}, {"itemId": "i2"}), **members):
    return call("CreateBatchSegmentJob", **{
        "jobName": name, "solutionVersionArn": segment_version(), "roleArn": ROLE, **ends(name, lines), **members})["batchSegmentJobArn"]


def answers(folder):
    return [json.loads(line) for name, text in sorted(content(folder).items()) if name.endswith(".out")
            for line in text.splitlines()]


@happy("CreateBatchInferenceJob", "DescribeBatchInferenceJob", "ListBatchInferenceJobs")
def life_of_an_inference():
    arn = infer("inference-life", numResults=3)
    assert arn == PREFIX + "batch-inference-job/inference-life", arn
    seen = active("DescribeBatchInferenceJob", "batchInferenceJob", batchInferenceJobArn=arn)
    alike(seen, jobName="inference-life", batchInferenceJobArn=arn, solutionVersionArn=version(), numResults=3,
          roleArn=ROLE, batchInferenceJobMode="BATCH_INFERENCE")
    lines = answers("inference-life/out")
    assert [line["input"]["userId"] for line in lines] == ["u1", "u2"], lines
    for line in lines:
        assert line["error"] is None and len(line["output"]["recommendedItems"]) == 3, line
    listed = call("ListBatchInferenceJobs", solutionVersionArn=version())["batchInferenceJobs"]
    alike(listed[0], jobName="inference-life", status="ACTIVE", solutionVersionArn=version())


@check
def refused_inferences():
    good = {"jobName": "inference-bad", "solutionVersionArn": version(), "roleArn": ROLE, **ends("inference-bad", [{"userId": "u"}])}
    never = PREFIX + "solution/never/0123abcd"
    unknown("CreateBatchInferenceJob", "solutionVersionArn", never, **{k: v for k, v in good.items() if k != "solutionVersionArn"})
    unknown("CreateBatchInferenceJob", "filterArn", PREFIX + "filter/never", **good)
    refuse("CreateBatchInferenceJob", INVALID, "THEME_GENERATION", **good, batchInferenceJobMode="THEME_GENERATION")
    unknown("DescribeBatchInferenceJob", "batchInferenceJobArn", PREFIX + "batch-inference-job/never")
    refuse("DescribeBatchInferenceJob", INVALID, batchInferenceJobArn=PREFIX + "schema/never")


@check
def inference_pages():
    if "CreateBatchInferenceJob" in not_built:
        return
    for n in range(3):
        active("DescribeBatchInferenceJob", "batchInferenceJob", batchInferenceJobArn=infer(f"inference-page-{n}"))
    refuse("CreateBatchInferenceJob", EXISTS, "inference-page-0", jobName="inference-page-0", solutionVersionArn=version(),
           roleArn=ROLE, **ends("inference-page-0", [{"userId": "u"}]))
    paged("ListBatchInferenceJobs", "batchInferenceJobs", 3)
    paged("ListBatchInferenceJobs", "batchInferenceJobs", 3, solutionVersionArn=version())


@happy("CreateBatchSegmentJob", "DescribeBatchSegmentJob", "ListBatchSegmentJobs")
def life_of_a_segment():
    arn = segment("segment-life", numResults=4)
    assert arn == PREFIX + "batch-segment-job/segment-life", arn
    seen = active("DescribeBatchSegmentJob", "batchSegmentJob", batchSegmentJobArn=arn)
    alike(seen, jobName="segment-life", batchSegmentJobArn=arn, solutionVersionArn=segment_version(), numResults=4, roleArn=ROLE)
    lines = answers("segment-life/out")
    assert [line["input"]["itemId"] for line in lines] == ["i1", "i2"], lines
    for line in lines:
        assert sorted(line) == ["error", "input", "output"] and line["error"] is None, line
        assert len(line["output"]["usersList"]) == 4, line
        assert line["output"]["recommendedUsers"] == line["output"]["usersList"], line
    listed = call("ListBatchSegmentJobs", solutionVersionArn=segment_version())["batchSegmentJobs"]
    alike(listed[0], jobName="segment-life", status="ACTIVE", solutionVersionArn=segment_version())


@check
def refused_segments():
    good = {"jobName": "segment-bad", "roleArn": ROLE, **ends("segment-bad", [{"itemId": "i1"}])}
    unknown("CreateBatchSegmentJob", "solutionVersionArn", PREFIX + "solution/never/0123abcd", **good)
    refuse("CreateBatchSegmentJob", INVALID, **good, solutionVersionArn=version())
    unknown("DescribeBatchSegmentJob", "batchSegmentJobArn", PREFIX + "batch-segment-job/never")
    refuse("DescribeBatchSegmentJob", INVALID, batchSegmentJobArn=PREFIX + "schema/never")


@check
def segment_pages():
    if "CreateBatchSegmentJob" in not_built:
        return
    for n in range(3):
        active("DescribeBatchSegmentJob", "batchSegmentJob", batchSegmentJobArn=segment(f"segment-page-{n}"))
    paged("ListBatchSegmentJobs", "batchSegmentJobs", 3)
    paged("ListBatchSegmentJobs", "batchSegmentJobs", 3, solutionVersionArn=segment_version())
