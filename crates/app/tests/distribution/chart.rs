//! The Helm chart: its values and their schema, and what Helm makes of it where `CLIENT_TESTS_HELM` names a Helm.

use super::{repository, run, succeed, text};
use serde::Deserialize;
use serde_norway::Value;
use std::path::PathBuf;
use std::process::Command;

const CHART: &str = "deploy/helm/tastemaker";
/// A cluster as many have it.
const KUBE_VERSION: &str = "1.31.0";
/// Settings of several processes, as a flag of Helm.
const STORE: &str =
    "config=[store]\nrecords = \"postgres://db/t\"\nevents = \"postgres://db/t\"\nblobs = \"s3://bucket/t\"\n";

/// Helm, or a word that there is none.
fn helm() -> Option<PathBuf> {
    let found = std::env::var_os("CLIENT_TESTS_HELM").map(PathBuf::from);
    if found.is_none() {
        println!("skipped: the chart needs Helm; `cargo xtask test` builds it where there is Go");
    }
    found
}

/// The documents that the chart gives with these flags.
fn rendered(helm: &PathBuf, flags: &[&str]) -> Vec<Value> {
    let mut command = Command::new(helm);
    // Helm that is built from its source takes an old version for the cluster's.
    command.args(["template", "shop", "--kube-version", KUBE_VERSION]).arg(repository(CHART));
    command.args(["--namespace", "recs"]).args(flags);
    let text = succeed(&mut command);
    let documents =
        serde_norway::Deserializer::from_str(&text).map(|document| Value::deserialize(document).expect("YAML"));
    documents.filter(|document| !document.is_null()).collect()
}

/// The one document of a kind.
fn of_kind<'a>(documents: &'a [Value], kind: &str) -> &'a Value {
    let found: Vec<&Value> = documents.iter().filter(|document| document["kind"] == kind).collect();
    assert_eq!(found.len(), 1, "{kind}");
    found[0]
}

fn kinds(documents: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = documents.iter().filter_map(|document| document["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn the_schema_has_every_value_and_no_other() {
    let schema: serde_json::Value = serde_json::from_str(&text(&format!("{CHART}/values.schema.json"))).expect("JSON");
    let values: Value = serde_norway::from_str(&text(&format!("{CHART}/values.yaml"))).expect("YAML");
    fn compare(values: &Value, schema: &serde_json::Value, path: &str) {
        let Some(properties) = schema["properties"].as_object() else { return };
        let values = values.as_mapping().unwrap_or_else(|| panic!("{path} is no mapping"));
        for (name, value) in values {
            let name = name.as_str().expect("a text");
            let property = properties.get(name).unwrap_or_else(|| panic!("{path}.{name} is not in the schema"));
            compare(value, property, &format!("{path}.{name}"));
        }
        for name in properties.keys().filter(|name| *name != "global") {
            assert!(values.contains_key(name.as_str()), "{path}.{name} has no default");
        }
    }
    compare(&values, &schema, "");
    let chart: Value = serde_norway::from_str(&text(&format!("{CHART}/Chart.yaml"))).expect("YAML");
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn helm_finds_no_fault() {
    let Some(helm) = helm() else { return };
    for flags in [&[][..], &["--set", "serviceMonitor.enabled=true"], &["--set", "mode=shared", "--set-literal", STORE]]
    {
        let told = succeed(Command::new(&helm).args(["lint", "--strict"]).arg(repository(CHART)).args(flags));
        assert!(told.contains("1 chart(s) linted, 0 chart(s) failed") && !told.contains("[WARNING]"), "{told}");
    }
    for (flags, words) in [
        (&["--set", "replicas=2"][..], "replicas"),
        (&["--set", "mode=shared"], "config"),
        (&["--set", "insecureHttp=false"], "insecureHttp"),
        (&["--set", "persistance.size=1Gi"], "persistance"),
        (&["--set", "persistence.size=big"], "persistence"),
        (&["--set", "terminationGracePeriodSeconds=5"], "terminationGracePeriodSeconds"),
    ] {
        let output = run(Command::new(&helm)
            .args(["template", "shop", "--kube-version", KUBE_VERSION])
            .arg(repository(CHART))
            .args(flags));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{flags:?}: {said}");
    }
}

#[test]
fn one_process_has_a_volume_and_probes() {
    let Some(helm) = helm() else { return };
    let documents = rendered(&helm, &[]);
    assert_eq!(kinds(&documents), ["PodDisruptionBudget", "Secret", "Service", "ServiceAccount", "StatefulSet"]);
    let set = of_kind(&documents, "StatefulSet");
    assert_eq!((&set["metadata"]["name"], &set["spec"]["replicas"]), (&"shop-tastemaker".into(), &1.into()));
    let claim = &set["spec"]["volumeClaimTemplates"][0];
    assert_eq!(
        (&claim["metadata"]["name"], &claim["spec"]["resources"]["requests"]["storage"]),
        (&"data".into(), &"20Gi".into())
    );
    let pod = &set["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    for (probe, path) in [("startupProbe", "/ready"), ("readinessProbe", "/ready"), ("livenessProbe", "/health")] {
        assert_eq!(container[probe]["httpGet"]["path"], path);
        assert_eq!(container[probe]["httpGet"]["scheme"], "HTTP");
    }
    assert_eq!(container["startupProbe"]["failureThreshold"], 90);
    assert_eq!(container["image"], format!("tastemaker:{}", env!("CARGO_PKG_VERSION")));
    assert_eq!(
        (&container["securityContext"]["readOnlyRootFilesystem"], &pod["securityContext"]["runAsNonRoot"]),
        (&true.into(), &true.into())
    );
    // What is mounted is a volume or a claim.
    let mut volumes: Vec<&Value> =
        pod["volumes"].as_sequence().expect("volumes").iter().map(|volume| &volume["name"]).collect();
    volumes.push(&claim["metadata"]["name"]);
    for mount in container["volumeMounts"].as_sequence().expect("mounts") {
        assert!(volumes.contains(&&mount["name"]), "{mount:?}");
    }
    // Service, budget and pods find each other.
    let labels = set["spec"]["template"]["metadata"]["labels"].as_mapping().expect("labels");
    for selector in [
        &of_kind(&documents, "Service")["spec"]["selector"],
        &of_kind(&documents, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        &set["spec"]["selector"]["matchLabels"],
    ] {
        for (name, value) in selector.as_mapping().expect("a selector") {
            assert_eq!(labels.get(name), Some(value));
        }
    }
}

#[test]
fn several_processes_share_their_stores_and_speak_tls() {
    let Some(helm) = helm() else { return };
    let flags = [
        "--set",
        "mode=shared",
        "--set",
        "replicas=3",
        "--set-literal",
        STORE,
        "--set",
        "tls.secretName=web",
        "--set",
        "serviceMonitor.enabled=true",
        "--set",
        "serviceMonitor.tokenSecret.name=metrics",
        "--set",
        "firstAccessKey.secretName=first",
    ];
    let documents = rendered(&helm, &flags);
    let expected = ["Deployment", "PodDisruptionBudget", "Secret", "Service", "ServiceAccount", "ServiceMonitor"];
    assert_eq!(kinds(&documents), expected);
    let deployment = of_kind(&documents, "Deployment");
    assert_eq!(deployment["spec"]["replicas"], 3);
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let variable =
        |name: &str| container["env"].as_sequence().into_iter().flatten().find(|variable| variable["name"] == name);
    assert!(variable("TASTEMAKER_TLS__CERTIFICATE").is_some() && variable("TASTEMAKER_INSECURE_HTTP").is_none());
    assert_eq!(container["livenessProbe"]["httpGet"]["scheme"], "HTTPS");
    let data =
        pod["volumes"].as_sequence().expect("volumes").iter().find(|volume| volume["name"] == "data").expect("data");
    assert!(data.get("emptyDir").is_some());
    let endpoint = &of_kind(&documents, "ServiceMonitor")["spec"]["endpoints"][0];
    assert_eq!(
        (&endpoint["scheme"], &endpoint["authorization"]["credentials"]["name"]),
        (&"https".into(), &"metrics".into())
    );
    // The settings and the variables together are a configuration.
    let settings = of_kind(&documents, "Secret")["stringData"]["tastemaker.toml"].as_str().expect("text");
    let folder = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(folder.path().join("t.toml"), settings).expect("written");
    let mut command = Command::new(super::BINARY);
    command.arg("check").arg("--config").arg(folder.path().join("t.toml"));
    // What the cluster takes from the Secret of the first access key.
    let first = [("access-key-id", "AKIAIOSFODNN7EXAMPLE"), ("secret-access-key", "a-secret-of-the-cluster")];
    let mut from_secret = 0;
    for variable in container["env"].as_sequence().into_iter().flatten() {
        let value = variable["value"].as_str().unwrap_or_else(|| {
            let reference = &variable["valueFrom"]["secretKeyRef"];
            assert_eq!(reference["name"], "first");
            from_secret += 1;
            first.iter().find(|(key, _)| reference["key"] == *key).expect("a key of the Secret").1
        });
        command.env(variable["name"].as_str().expect("text"), value);
    }
    assert_eq!(from_secret, 2);
    let said = String::from_utf8_lossy(&run(command.env("TASTEMAKER_DATA_DIR", folder.path())).stderr).into_owned();
    assert!(said.contains("is no data directory") && !said.contains("sets nothing"), "{said}");
}
