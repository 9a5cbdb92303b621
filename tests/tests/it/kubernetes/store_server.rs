//! Pods whose store is a folder that `vajra-cloud store serve` serves.

use super::shop::{RATE, Shop};
use serde_json::json;
use whole_runs::machine::{Ran, constant};
use whole_runs::store_server::{ACCESS_KEY, SECRET, StoreServer, with_key};

#[test]
fn pods_use_a_served_folder_with_an_access_key_from_a_secret() {
    let Some(shop) = Shop::open() else { return };
    let folder = shop.desk.path("served");
    let server = StoreServer::start(&folder);
    let keys = json!({ "access-key": ACCESS_KEY, "secret-key": SECRET });
    let secret = json!({ "metadata": { "name": "vajra-store" }, "stringData": keys });
    shop.cluster.create("secrets", &secret);
    shop.desk
        .write("shop.yaml", &constant(&shop.target.url(), &format!("{RATE}/s"), "3s"));
    let launch = |run: &str, variables: &[&str]| {
        let image = shop.cluster.image();
        let fixed = [
            "launch",
            "shop.yaml",
            "--run",
            run,
            "--workers",
            "4",
            "--start-timeout",
            "15s",
        ];
        let fleet = [
            "--fleet",
            "kubernetes",
            "--image",
            &image,
            "--store",
            &server.location,
            "--out",
            "report.json",
        ];
        let mut command = shop.desk.command(&[&fixed[..], &fleet, variables].concat());
        command
            .env("KUBECONFIG", &shop.kubeconfig)
            .env("HOME", shop.desk.path(""));
        Ran::new(&with_key(&mut command).output().unwrap())
    };
    let id = "AWS_ACCESS_KEY_ID=secret:vajra-store/access-key";
    let key = "AWS_SECRET_ACCESS_KEY=secret:vajra-store/secret-key";
    let ran = launch("r", &["--pod-env", id, "--pod-env", key]);
    shop.assert_whole(ran, 3);
    assert!(folder.join("runs/r/report.json").exists());
    // Pods without the access key cannot read the plan, so they send nothing.
    launch("without", &["--pod-env", "AWS_EC2_METADATA_DISABLED=true"]).expect(3, &["the run was not started"]);
    assert_eq!(shop.target.requests(), RATE * 3);
}
