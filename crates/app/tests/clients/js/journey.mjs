// The main path with AWS SDK for JavaScript v3, and one error of each service. Endpoint and keys come from the environment.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateCampaignCommand, CreateDatasetCommand, CreateDatasetGroupCommand, CreateDatasetImportJobCommand,
  CreateEventTrackerCommand, CreateSchemaCommand, CreateSolutionCommand, CreateSolutionVersionCommand,
  DescribeCampaignCommand, DescribeDatasetGroupCommand, DescribeDatasetImportJobCommand, DescribeSolutionVersionCommand,
  GetSolutionMetricsCommand, InvalidInputException, PersonalizeClient, ResourceAlreadyExistsException, paginateListSchemas,
} from "@aws-sdk/client-personalize";
import { InvalidInputException as BadEvent, PersonalizeEventsClient, PutEventsCommand } from "@aws-sdk/client-personalize-events";
import { GetRecommendationsCommand, PersonalizeRuntimeClient, ResourceNotFoundException } from "@aws-sdk/client-personalize-runtime";
import { CreateBucketCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const personalize = new PersonalizeClient({});
const runtime = new PersonalizeRuntimeClient({});
const events = new PersonalizeEventsClient({});
const s3 = new S3Client({ forcePathStyle: true });

async function active(Command, member, input) {
  for (let n = 0; n < 1200; n++) {
    const resource = (await personalize.send(new Command(input)))[member];
    if (["ACTIVE", "CREATE FAILED"].includes(resource.status)) {
      assert.equal(resource.status, "ACTIVE", resource.failureReason);
      assert.ok(resource.creationDateTime instanceof Date && resource.creationDateTime.getFullYear() > 2020);
      return resource;
    }
    await sleep(100);
  }
  assert.fail(`${member} is not ACTIVE`);
}

// Upload: item k is followed by item k + 1.
const lines = ["USER_ID,ITEM_ID,TIMESTAMP"];
for (let user = 0; user < 60; user++) {
  for (let step = 0; step < 30; step++) lines.push(`u${user},i${(user * 7 + step) % 20},${1700000000 + user * 1000 + step}`);
}
await s3.send(new CreateBucketCommand({ Bucket: "js-shop" }));
await s3.send(new PutObjectCommand({ Bucket: "js-shop", Key: "in/interactions é.csv", Body: lines.join("\n") + "\n" }));
const stored = await s3.send(new GetObjectCommand({ Bucket: "js-shop", Key: "in/interactions é.csv" }));
assert.equal((await stored.Body.transformToString()).split("\n").length, lines.length + 1);

// Schema, group, dataset, import.
const schema = JSON.stringify({
  type: "record", name: "Interactions", namespace: "com.amazonaws.personalize.schema", version: "1.0",
  fields: [{ name: "USER_ID", type: "string" }, { name: "ITEM_ID", type: "string" }, { name: "TIMESTAMP", type: "long" }],
});
const { schemaArn } = await personalize.send(new CreateSchemaCommand({ name: "js", schema }));
const { datasetGroupArn } = await personalize.send(new CreateDatasetGroupCommand({ name: "js" }));
await active(DescribeDatasetGroupCommand, "datasetGroup", { datasetGroupArn });
const { datasetArn } = await personalize.send(new CreateDatasetCommand({
  name: "js", datasetGroupArn, datasetType: "Interactions", schemaArn }));
const { datasetImportJobArn } = await personalize.send(new CreateDatasetImportJobCommand({
  jobName: "js", datasetArn, dataSource: { dataLocation: "s3://js-shop/in/" }, roleArn: "arn:aws:iam::000000000000:role/any" }));
await active(DescribeDatasetImportJobCommand, "datasetImportJob", { datasetImportJobArn });

// Solution, version, metrics, campaign.
const { solutionArn } = await personalize.send(new CreateSolutionCommand({
  name: "js", datasetGroupArn, recipeArn: "arn:aws:personalize:::recipe/aws-user-personalization", performAutoTraining: false,
  solutionConfig: { algorithmHyperParameters: { hidden_dimension: "32", bptt: "16" } } }));
const { solutionVersionArn } = await personalize.send(new CreateSolutionVersionCommand({ solutionArn }));
const version = await active(DescribeSolutionVersionCommand, "solutionVersion", { solutionVersionArn });
assert.equal(typeof version.trainingHours, "number");
const { metrics } = await personalize.send(new GetSolutionMetricsCommand({ solutionVersionArn }));
assert.ok(metrics.precision_at_5 > 0, JSON.stringify(metrics));
const { campaignArn } = await personalize.send(new CreateCampaignCommand({
  name: "js", solutionVersionArn, minProvisionedTPS: 1, campaignConfig: { itemExplorationConfig: { explorationWeight: "0" } } }));
await active(DescribeCampaignCommand, "campaign", { campaignArn });

// Recommendations before and after an event.
const { itemList, recommendationId } = await runtime.send(new GetRecommendationsCommand({ campaignArn, userId: "u1", numResults: 5 }));
assert.equal(itemList.length, 5);
assert.ok(itemList.every((item) => item.score > 0 && item.score <= 1) && recommendationId.startsWith("RID-"));
const { trackingId } = await personalize.send(new CreateEventTrackerCommand({ name: "js", datasetGroupArn }));
await events.send(new PutEventsCommand({ trackingId, userId: "newcomer", sessionId: "s", eventList: [
  { eventType: "view", itemId: "i4", sentAt: new Date(), recommendationId, properties: '{"eventValue": 2}' }] }));
const after = await runtime.send(new GetRecommendationsCommand({ campaignArn, userId: "newcomer", numResults: 1 }));
assert.equal(after.itemList[0].itemId, "i5");

// Dates that were made of milliseconds times a thousand, and of seconds: both are taken and counted.
for (const [userId, sentAt] of [["thousandfold", new Date(Date.now() * 1000)], ["seconds", new Date(Math.floor(Date.now() / 1000))]]) {
  await events.send(new PutEventsCommand({ trackingId, userId, sessionId: "s", eventList: [{ eventType: "view", itemId: "i4", sentAt }] }));
  const { itemList: [next] } = await runtime.send(new GetRecommendationsCommand({ campaignArn, userId, numResults: 1 }));
  assert.equal(next.itemId, "i5", userId);
}
const counted = await (await fetch(`${process.env.AWS_ENDPOINT_URL}/metrics`)).text();
for (const sent of ["milliseconds", "year-1970"]) assert.ok(counted.includes(`tastemaker_odd_event_times_total{sent="${sent}"} 1\n`), sent);

// Two products of one order share its id, and both count.
const order = (itemId) => ({ eventId: "order-1", eventType: "buy", itemId, sentAt: new Date() });
await events.send(new PutEventsCommand({ trackingId, userId: "buyer", sessionId: "s", eventList: [order("i9"), order("i14")] }));
const { itemList: [following] } = await runtime.send(new GetRecommendationsCommand({ campaignArn, userId: "buyer", numResults: 1 }));
assert.equal(following.itemId, "i15");

// A paginator, and errors as the classes that scripts catch.
await personalize.send(new CreateSchemaCommand({ name: "js-second", schema }));
const names = [];
for await (const page of paginateListSchemas({ client: personalize, pageSize: 1 }, {})) names.push(...page.schemas.map((s) => s.name));
assert.deepEqual(names, ["js", "js-second"]);

async function refused(promise, Class, status, text) {
  const error = await promise.then(() => assert.fail("the call should be refused"), (e) => e);
  assert.ok(error instanceof Class, `${error.name}: ${error.message}`);
  assert.equal(error.$metadata.httpStatusCode, status);
  assert.match(error.message, text);
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
}
await refused(personalize.send(new CreateSchemaCommand({ name: "js", schema })), ResourceAlreadyExistsException, 400, /schema\/js/);
await refused(personalize.send(new CreateSchemaCommand({ name: "!", schema })), InvalidInputException, 400,
  /^1 validation error detected: Value '!' at 'name' failed to satisfy constraint/);
await refused(runtime.send(new GetRecommendationsCommand({ campaignArn: `${campaignArn}-no`, userId: "u" })),
  ResourceNotFoundException, 404, /js-no/);
await refused(events.send(new PutEventsCommand({ trackingId: "none", sessionId: "s", eventList: [
  { eventType: "view", itemId: "i4", sentAt: new Date() }] })), BadEvent, 400, /none/);
const missing = await s3.send(new GetObjectCommand({ Bucket: "js-shop", Key: "none" })).catch((e) => e);
assert.ok(missing instanceof NoSuchKey, `${missing}`);
console.log("ok: js");
