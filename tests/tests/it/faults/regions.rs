//! Tests of a fleet in two regions. The fleet file lists the functions of both regions.

use super::cloud::Cloud;
use whole_runs::lambda::Fate;

#[test]
fn one_run_is_split_over_the_deployed_regions() {
    let cloud = Cloud::with_fates(|_| Fate::default());
    let region = |name: &str| {
        format!(
            "\"{name}\": {{ \"function\": \"vajra-worker\", \"memory_mb\": 1769, \"timeout_s\": 300, \"architecture\": \"arm64\" }}"
        )
    };
    cloud.desk.write(
        "vajra-cloud.json",
        &format!(
            "{{ \"format\": 1, \"store\": \"{}\", \"lambda_endpoint\": \"{}\", \"regions\": {{ {}, {} }} }}",
            cloud.store(),
            cloud.lambda.endpoint(),
            region("us-east-1"),
            region("eu-west-1"),
        ),
    );
    let scenario = |regions: &str| {
        format!(
            "name: wide\ntarget: {}\nregions: {regions}\nload: {{ constant: {{ rate: 100/s, duration: 4s }} }}\n\
             requests: [ {{ name: home }} ]\nthresholds: [ errors < 1% ]\n",
            cloud.target.url()
        )
    };
    cloud
        .desk
        .write("wide.yaml", &scenario("{ us-east-1: 60%, eu-west-1: 40% }"));
    let launch = [
        "launch",
        "wide.yaml",
        "--fleet",
        "lambda",
        "--workers",
        "5",
        "--unchecked",
        "--run",
        "wide",
    ];
    let ran = cloud.run(&[&launch[..], &["--out", "summary.json"]].concat());
    cloud.assert_whole(&ran, 400);
    let report = cloud.report().json;
    let regions: Vec<_> = report["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|region| (region["name"].as_str().unwrap(), region["sent"].as_u64().unwrap()))
        .collect();
    assert_eq!(regions, [("us-east-1", 240), ("eu-west-1", 160)]);
    // `report` reads the location of the store from the fleet file.
    let again = cloud.run(&["report", "wide"]);
    again.assert_output(&["wide: passed", "us-east-1", "eu-west-1"]);
    // The scenario names a region without a function. The problem is reported before the run starts.
    cloud
        .desk
        .write("wide.yaml", &scenario("{ us-east-1: 60%, ap-south-1: 40% }"));
    let ran = cloud.run(&launch);
    assert_eq!(ran.code, Some(2), "{}", ran.output);
    ran.assert_output(&[
        "the fleet has no function in ap-south-1",
        "use one of eu-west-1, us-east-1",
    ]);
}
