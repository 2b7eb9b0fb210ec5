#!/usr/bin/env bash
# The README's AWS CLI journey, on a small file made here.
set -euo pipefail
python - > interactions.csv <<'PY'
import random
draw = random.Random(5)
print("USER_ID,ITEM_ID,TIMESTAMP")
for user in range(60):
    at = draw.randrange(20)
    for step in range(30):
        print(f"u{user},i{at},{1700000000 + user * 1000 + step}")
        at = (at + 1) % 20
PY
cat > schema.json <<'JSON'
{"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","fields":[
{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}],"version":"1.0"}
JSON
p() { aws personalize "$@" --output text; }
until_active() { # ARN-returning describe command and the path of its status
  for _ in $(seq 600); do
    status=$(p "${@:1:$#-1}" --query "${!#}.status")
    case $status in ACTIVE) return ;; *FAILED) p "${@:1:$#-1}"; return 1 ;; esac
    sleep 0.2
  done
  return 1
}
aws s3 mb s3://my-shop
aws s3 cp interactions.csv s3://my-shop/interactions.csv
group=$(p create-dataset-group --name my-shop --query datasetGroupArn)
schema=$(p create-schema --name interactions --schema file://schema.json --query schemaArn)
dataset=$(p create-dataset --name interactions --dataset-group-arn "$group" --dataset-type Interactions --schema-arn "$schema" --query datasetArn)
job=$(p create-dataset-import-job --job-name first --dataset-arn "$dataset" --data-source dataLocation=s3://my-shop/interactions.csv --role-arn arn:aws:iam::000000000000:role/any --query datasetImportJobArn)
until_active describe-dataset-import-job --dataset-import-job-arn "$job" datasetImportJob
solution=$(p create-solution --name for-you --dataset-group-arn "$group" --recipe-arn arn:aws:personalize:::recipe/aws-user-personalization --query solutionArn)
version=$(p create-solution-version --solution-arn "$solution" --query solutionVersionArn)
until_active describe-solution-version --solution-version-arn "$version" solutionVersion
aws personalize get-solution-metrics --solution-version-arn "$version"
campaign=$(p create-campaign --name for-you --solution-version-arn "$version" --campaign-config '{"itemExplorationConfig":{"explorationWeight":"0"}}' --query campaignArn)
until_active describe-campaign --campaign-arn "$campaign" campaign
aws personalize-runtime get-recommendations --campaign-arn "$campaign" --user-id u1 --num-results 3
tracker=$(p create-event-tracker --name clicks --dataset-group-arn "$group" --query trackingId)
aws personalize-events put-events --tracking-id "$tracker" --user-id new --session-id s1 --event-list '[{"eventType":"View","itemId":"i4","sentAt":1700000000}]'
first=$(aws personalize-runtime get-recommendations --campaign-arn "$campaign" --user-id new --num-results 1 --query 'itemList[0].itemId' --output text)
test "$first" = i5 || { echo "expected i5 after i4, got $first"; exit 1; }
if aws personalize describe-campaign --campaign-arn "${campaign}x" 2> error.txt; then exit 1; fi
grep -q ResourceNotFoundException error.txt
echo "ok: readme_cli"
