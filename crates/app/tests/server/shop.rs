//! A shop that a server's clients see: its data, and requests about it.

use super::Server;
use super::caller::{Caller, Line};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// One process, or a balancer, as its clients see it.
pub struct Client(pub Caller);

impl Client {
    pub fn of(server: &Server) -> Self {
        Self(Caller::new(server))
    }

    pub fn send(&self, request: &[u8]) -> (u16, Value) {
        Line::connect(&self.0.address).expect("the server listens").send(request).expect("the server answers")
    }

    pub fn control(&self, operation: &str, input: &Value) -> (u16, Value) {
        self.send(&self.0.control(operation, input))
    }

    pub fn made(&self, operation: &str, input: &Value, key: &str) -> String {
        let (status, made) = self.control(operation, input);
        assert_eq!(status, 200, "{operation}: {made}");
        made[key].as_str().unwrap_or_else(|| panic!("{operation} gave {made}")).to_owned()
    }

    /// Waits until a resource has a status.
    pub fn until(&self, wanted: &str, operation: &str, input: &Value, key: &str) {
        let began = Instant::now();
        loop {
            let (_, described) = self.control(operation, input);
            let status = described[key]["status"].as_str().unwrap_or_default();
            assert!(!status.ends_with("FAILED"), "{described}");
            if status == wanted {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(300), "{operation}: {described}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let answer = Line::connect(&self.0.address).expect("the server listens").send_for_bytes(request.as_bytes());
        let (status, body) = answer.expect("the server answers");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    pub fn put(&self, shop: &Shop, id: &str, user: &str, item: &str) {
        let event = json!({"eventId": id, "eventType": "View", "itemId": item, "sentAt": 1_700_000_000});
        self.put_event(shop, user, &event);
    }

    pub fn put_event(&self, shop: &Shop, user: &str, event: &Value) {
        let body = json!({"trackingId": shop.tracking_id, "sessionId": user, "userId": user, "eventList": [event]});
        let (status, refused) = self.send(&self.0.post("/events", &body));
        assert_eq!(status, 200, "{refused}");
    }

    /// The items that are recommended to a user, without what they have viewed; or the refusal.
    pub fn recommended(&self, shop: &Shop, campaign: &str, user: &str) -> Result<Vec<String>, Value> {
        let body = json!({"campaignArn": campaign, "userId": user, "numResults": 40, "filterArn": shop.filter});
        let (status, answer) = self.send(&self.0.post("/recommendations", &body));
        if status != 200 {
            return Err(answer);
        }
        let items = answer["itemList"].as_array().expect("a list").iter();
        Ok(items.map(|item| item["itemId"].as_str().expect("an id").to_owned()).collect())
    }

    pub fn campaign(&self, name: &str, version: &str) -> String {
        let create = json!({"name": name, "solutionVersionArn": version, "minProvisionedTPS": 1});
        let campaign = self.made("CreateCampaign", &create, "campaignArn");
        self.until("ACTIVE", "DescribeCampaign", &json!({"campaignArn": campaign}), "campaign");
        campaign
    }

    /// A solution of a recipe and the beginning of its training: the version's ARN.
    pub fn training(&self, shop: &Shop, recipe: &str) -> String {
        let solution = json!({"name": recipe, "datasetGroupArn": shop.group, "performAutoTraining": false,
            "recipeArn": format!("arn:aws:personalize:::recipe/{recipe}")});
        let solution = self.made("CreateSolution", &solution, "solutionArn");
        self.made("CreateSolutionVersion", &json!({"solutionArn": solution}), "solutionVersionArn")
    }

    pub fn trained(&self, version: &str) {
        let describe = json!({"solutionVersionArn": version});
        self.until("ACTIVE", "DescribeSolutionVersion", &describe, "solutionVersion");
    }
}

/// A dataset group with interactions, an event tracker, and a filter of what a user has viewed.
pub struct Shop {
    pub group: String,
    pub tracking_id: String,
    pub filter: String,
}

impl Shop {
    /// A group with imported interactions, through a process with the control plane while another one works.
    pub fn open(api: &Client) -> Self {
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
            field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long"), field("EVENT_TYPE", "string"),
            {"name": "IMPRESSION", "type": ["null", "string"]}]});
        let schema = api.made("CreateSchema", &json!({"name": "s", "schema": schema.to_string()}), "schemaArn");
        let group = api.made("CreateDatasetGroup", &json!({"name": "g"}), "datasetGroupArn");
        let dataset =
            json!({"name": "d", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
        let dataset = api.made("CreateDataset", &dataset, "datasetArn");
        let tracker = json!({"name": "t", "datasetGroupArn": group});
        let tracking_id = api.made("CreateEventTracker", &tracker, "trackingId");
        let expression = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"View\")";
        let filter = json!({"name": "f", "datasetGroupArn": group, "filterExpression": expression});
        let filter = api.made("CreateFilter", &filter, "filterArn");
        let mut csv = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,IMPRESSION\n".to_owned();
        for (user, step) in (0..60).flat_map(|user| (0..20).map(move |step| (user, step))) {
            let time = 1_600_000_000 + user * 1000 + step * 60;
            csv += &format!("u{user},i{},{time},Buy,\n", (user * 7 + step) % 40);
        }
        for (path, body) in [("/walks", ""), ("/walks/walks.csv", &*csv), ("/walks/users.csv", "USER_ID\ngone\n")] {
            assert_eq!(api.send(&api.0.signed("s3", "PUT", path, None, body)).0, 200);
        }
        let source = json!({"dataLocation": "s3://walks/walks.csv"});
        let import = json!({"jobName": "i", "datasetArn": dataset, "dataSource": source});
        let import = api.made("CreateDatasetImportJob", &import, "datasetImportJobArn");
        let describe = json!({"datasetImportJobArn": import});
        api.until("ACTIVE", "DescribeDatasetImportJob", &describe, "datasetImportJob");
        Self { group, tracking_id, filter }
    }
}
