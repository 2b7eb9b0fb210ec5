//! Flipped bits and missing files, in every kind of blob.

use crate::process::*;
use std::fs;

#[test]
fn a_flipped_bit_or_a_missing_file_of_imported_data_fails_the_job_and_names_the_file() {
    for fault in ["flipped", "missing"] {
        let data = shop();
        adopted(data.path());
        let file = blob(data.path(), "/INTERACTIONS/", ".parquet");
        if fault == "flipped" {
            flip_bit(&file)
        } else {
            fs::remove_file(&file).expect("removed")
        }
        let (whole, said) = check(data.path());
        let name = file.strip_prefix(data.path().join("blobs/blobs")).expect("below").display().to_string();
        assert!(!whole && said.contains(&format!("damaged: {name}: ")), "{said}");
        let server = Process::start(data.path());
        let (status, reason) = server.export("export");
        assert!(status == "CREATE FAILED" && reason.contains(&name), "{status} {reason}");
        assert_eq!(server.recommend("popular").0, 200, "who needs no imported data answers");
        survived(&format!("{fault} Parquet file"), "the export fails at once and names the file; campaigns answer");
    }
}

#[test]
fn a_flipped_bit_of_an_upload_is_never_given_out() {
    let data = shop();
    adopted(data.path());
    let uploaded = Process::start(data.path()).object("items.csv");
    assert_eq!(uploaded.0, 200);
    let files = crate::server::directory::files(&data.path().join("blobs/blobs/s3"));
    let file = files.iter().find(|file| fs::read(file).expect("read") == uploaded.1).expect("the upload's file");
    flip_bit(file);
    let server = Process::start(data.path());
    let (status, bytes) = server.object("items.csv");
    assert!(status != 200 || bytes != uploaded.1 && bytes.is_empty(), "{status} {} bytes", bytes.len());
    assert_eq!(server.object("interactions.csv").0, 200);
    survived("flipped bit of an upload", "GET gives an error instead of other bytes");
}

#[test]
fn a_damaged_model_is_told_and_the_others_answer() {
    for (file, answers) in
        [("model.safetensors", false), ("catalog.safetensors", false), ("manifest.json", false), ("metrics.json", true)]
    {
        let data = shop();
        adopted(data.path());
        flip_bit(&blob(data.path(), "/artifacts/similar/", file));
        let server = Process::start(data.path());
        assert_eq!(server.recommend("similar").0 == 200, answers, "{file}");
        assert_eq!(server.recommend("popular").0, 200, "{file}");
        let (status, reason) = server.campaign("similar");
        let ready = server.get("/ready");
        let told = ready.contains("campaign/similar cannot be loaded: ");
        if answers {
            assert!(status == "ACTIVE" && !told, "{file}: {status} {ready}");
            survived(&format!("flipped bit of {file}"), "the campaign answers all the same");
        } else {
            assert!(status == "CREATE FAILED" && reason.contains(file) && told, "{file}: {status} {reason} {ready}");
            survived(&format!("flipped bit of {file}"), "ListCampaigns and /ready tell it; the other campaigns answer");
        }
        assert_eq!(server.campaign("popular"), ("ACTIVE".to_owned(), String::new()), "{file}");
    }
}
