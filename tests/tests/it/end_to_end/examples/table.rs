//! The list of the examples of the README, of the book and of the help texts.

use super::Place;

/// Each example with the environment in which the example runs. Examples with the same environment run in the order of
/// this list.
pub(super) const EXAMPLES: &[(Place, &str)] = &[
    (Place::Empty, "vajra-cloud init"),
    (Place::Empty, "vajra-cloud init shop.yaml"),
    (Place::Empty, "vajra-cloud init https://shop.example.com"),
    (Place::Empty, "vajra-cloud check quickstart"),
    (Place::Empty, "vajra-cloud plan quickstart --workers 8"),
    (Place::Empty, "vajra-cloud try quickstart"),
    (Place::Empty, "vajra-cloud try quickstart --arrival 17 --seed 4711"),
    (Place::Empty, "vajra-cloud doctor"),
    (Place::Empty, "vajra-cloud calibrate quickstart"),
    (Place::Empty, "vajra-cloud schema > scenario.schema.json"),
    (Place::Empty, "source <(vajra-cloud completions bash)"),
    (Place::Empty, "vajra-cloud man man1"),
    (Place::Empty, "cargo run --release -- launch quickstart"),
    (Place::Empty, "vajra-cloud launch quickstart"),
    (Place::Empty, "vajra-cloud check shop.yaml"),
    (Place::Empty, "vajra-cloud plan shop.yaml --workers 2"),
    (Place::Empty, "vajra-cloud list"),
    (
        Place::Empty,
        "vajra-cloud launch quickstart --quiet --junit load-test.xml --markdown summary.md --html report.html",
    ),
    (
        Place::Served,
        "vajra-cloud launch http://127.0.0.1:8080/ --rate 500/s --duration 30s",
    ),
    (
        Place::Served,
        "vajra-cloud launch http://127.0.0.1:8080/orders -d '{\"id\": 1}' --save orders.yaml",
    ),
    (
        Place::Served,
        "vajra-cloud try http://127.0.0.1:8080/orders -d '{\"id\": 1}'",
    ),
    (Place::Imports, "vajra-cloud import commands.txt"),
    (Place::Imports, "vajra-cloud import shop.har --save imported.yaml"),
    (Place::Imports, "vajra-cloud check imported.yaml"),
    (Place::Imports, "vajra-cloud import commands.txt | vajra-cloud launch -"),
    (Place::Empty, "vajra-cloud launch shop.yaml"),
    (
        Place::Empty,
        "vajra-cloud launch quickstart --workers 8 --html report.html",
    ),
    (Place::Empty, "vajra-cloud launch quickstart --dashboard"),
    (
        Place::Empty,
        "vajra-cloud launch quickstart --prometheus http://127.0.0.1:9090/api/v1/write",
    ),
    (Place::Project, "vajra-cloud launch scenarios/journey.yaml --workers 2"),
    (
        Place::Project,
        "vajra-cloud plan scenarios/populations.yaml --workers 2",
    ),
    (
        Place::Project,
        "vajra-cloud launch scenarios/populations.yaml --workers 2",
    ),
    (Place::Project, "vajra-cloud plan scenarios/checkout.yaml --workers 3"),
    (
        Place::Project,
        "vajra-cloud launch scenarios/checkout.yaml --dashboard --html report.html",
    ),
    (
        Place::Project,
        "vajra-cloud launch scenarios/checkout.yaml --prometheus http://127.0.0.1:9090/api/v1/write",
    ),
    (
        Place::Project,
        "vajra-cloud launch scenarios/checkout.yaml --prometheus-listen 127.0.0.1:9464",
    ),
    (
        Place::Project,
        "vajra-cloud launch scenarios/checkout.yaml --otlp grpc://127.0.0.1:4317",
    ),
    (
        Place::Project,
        "vajra-cloud launch scenarios/ramp.yaml --workers 2 --html ramp.html",
    ),
    (
        Place::Runs,
        "vajra-cloud attach checkout-20260102-030405-k3f9 --dashboard",
    ),
    (
        Place::Runs,
        "vajra-cloud report checkout-20260102-030405-k3f9 --html report.html",
    ),
    (Place::Runs, "vajra-cloud attach quickstart-20260102-030405-k3f9"),
    (Place::Runs, "vajra-cloud stop quickstart-20260102-030405-k3f9"),
    (Place::Runs, "vajra-cloud report quickstart-20260102-030405-k3f9"),
    (
        Place::Runs,
        "vajra-cloud report quickstart-20260102-030405-k3f9 --html report.html",
    ),
    (Place::Runs, "vajra-cloud compare monday tuesday"),
    (Place::Runs, "vajra-cloud baseline set main nightly-1"),
    (
        Place::Runs,
        "vajra-cloud compare baseline:main nightly-2 --fail-if 'latency p90 > +10%' --fail-if 'latency p99 > +10%' --html compare.html",
    ),
    (
        Place::Runs,
        "vajra-cloud compare baseline:main nightly-2 --fail-if 'latency p95 > +10%' --junit compare.xml --markdown summary.md",
    ),
    (
        Place::Runs,
        "vajra-cloud baseline set main quickstart-20260102-030405-k3f9",
    ),
    (Place::Runs, "vajra-cloud compare baseline:main nightly-7"),
    (
        Place::Runs,
        "vajra-cloud compare baseline:main nightly-7 --fail-if 'latency p99 > +10%' --html compare.html",
    ),
    (Place::Runs, "vajra-cloud baseline remove main"),
    (Place::Bucket, "vajra-cloud list --store s3://bucket/prefix"),
    (Place::Bucket, "vajra-cloud baseline list --store s3://bucket/prefix"),
    (
        Place::Bucket,
        "vajra-cloud worker --store s3://bucket/prefix --run nightly-1 --shard 3",
    ),
    (
        Place::Bucket,
        "vajra-cloud worker --store s3://bucket/prefix --run nightly-1 --shard 3 --env SHOP_TOKEN",
    ),
    (
        Place::Fleet,
        "vajra-cloud plan scenarios/checkout.yaml --fleet lambda --workers 20 --region us-east-1 --max-cost 5usd",
    ),
    (
        Place::Fleet,
        "vajra-cloud launch scenarios/checkout.yaml --fleet lambda --workers 8",
    ),
    (
        Place::Fleet,
        "vajra-cloud doctor scenarios/checkout.yaml --fleet lambda --workers 200",
    ),
    (
        Place::Fleet,
        "vajra-cloud calibrate scenarios/checkout.yaml --fleet lambda",
    ),
    (
        Place::Fleet,
        "vajra-cloud launch scenarios/checkout.yaml --fleet lambda --workers auto --max-cost 5usd",
    ),
    (Place::Shop, "vajra-cloud doctor shop.yaml --fleet lambda --workers 200"),
    (Place::Shop, "vajra-cloud calibrate shop.yaml --fleet lambda"),
    (Place::Shop, "vajra-cloud launch shop.yaml --fleet lambda --workers 8"),
    (
        Place::Shop,
        "vajra-cloud prepare shop.yaml --workers 2 --start-at +30s --store ./run",
    ),
    (
        Place::Emulator,
        "python3 -m venv .tools/venv && .tools/venv/bin/pip install -r tests/requirements.txt",
    ),
    (
        Place::Emulator,
        "export PATH=$PWD/.tools/venv/bin:$PATH AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1",
    ),
    (
        Place::Emulator,
        "export VAJRA_ALLOW=127.0.0.1 VAJRA_STORE='s3://runs/team?endpoint=http://127.0.0.1:9000'",
    ),
    (Place::Emulator, "export AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:9001"),
    (Place::Emulator, "(cd functions && cargo build --bin vajra-worker)"),
    (
        Place::Emulator,
        "python3 tests/moto_server.py -H 127.0.0.1 -p 9000 > /dev/null 2>&1 &",
    ),
    (
        Place::Emulator,
        "(cd functions && cargo lambda watch --ignore-changes -A 127.0.0.1 -P 9001 --concurrency 8 --timeout 900) &",
    ),
    (
        Place::Emulator,
        "curl --silent --retry 30 --retry-delay 1 --retry-connrefused -X PUT http://127.0.0.1:9000/runs",
    ),
    (
        Place::Emulator,
        "curl --silent --output /dev/null --retry 30 --retry-delay 1 --retry-connrefused http://127.0.0.1:9001",
    ),
    (Place::Emulator, "vajra-cloud launch quickstart --fleet lambda"),
    (
        Place::Emulator,
        "vajra-cloud prepare shop.yaml --fleet lambda --workers 1 --run typed-by-hand --start-at +20s",
    ),
    (
        Place::Emulator,
        "cargo lambda invoke vajra-worker --invoke-address 127.0.0.1 --invoke-port 9001 --data-file functions/payload.json",
    ),
    (Place::Emulator, "vajra-cloud report typed-by-hand"),
    (Place::Server, "vajra-cloud target"),
    (
        Place::Server,
        "vajra-cloud store serve runs-store --credentials keys.txt",
    ),
    (
        Place::Server,
        "vajra-cloud target --listen 127.0.0.1:0 --script \"latency 1ms..9ms, errors 1%\" --idle-exit 30s",
    ),
    (
        Place::Server,
        "vajra-cloud target --script \"latency 5ms, stall 1s every 5s\" --record-arrivals",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/launching.rs` runs such commands"),
        "vajra-cloud doctor shop.yaml --fleet kubernetes --workers 8 --image registry.example.com/vajra-cloud:1 --store s3://bucket/prefix",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/launching.rs` runs such commands"),
        "vajra-cloud launch shop.yaml --fleet kubernetes --workers 8 --image registry.example.com/vajra-cloud:1 --store s3://bucket/prefix",
    ),
    (
        Place::Bucket,
        "vajra-cloud worker --store s3://bucket/prefix --run nightly-1 --index-env JOB_COMPLETION_INDEX",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/launching.rs` runs such commands"),
        "export VAJRA_IMAGE=registry.example.com/vajra-cloud@sha256:… VAJRA_STORE=s3://example-load-tests/shop",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/launching.rs` binds the Role"),
        "kubectl create rolebinding launchers --namespace load --role=vajra-cloud-launcher --user=you@example.com",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/launching.rs` runs such commands"),
        "vajra-cloud doctor shop.yaml --fleet kubernetes --namespace load --service-account vajra-worker --workers 4",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/launching.rs` runs such commands"),
        "vajra-cloud launch shop.yaml --fleet kubernetes --namespace load --service-account vajra-worker --workers 4",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/operator.rs` applies the definition"),
        "vajra-cloud kubernetes crd | kubectl apply --server-side -f -",
    ),
    (
        Place::Nowhere("it needs a cluster; `kubernetes/operator.rs` runs the operator"),
        "vajra-cloud operator --namespace load --image registry.example.com/vajra-cloud:1",
    ),
    (
        Place::Bucket,
        "vajra-cloud kubernetes manifests shop.yaml --run r --image vajra-cloud:1 --store s3://bucket",
    ),
    (
        Place::Bucket,
        "vajra-cloud prepare shop.yaml --run nightly-9 --workers 8 --store s3://bucket/prefix",
    ),
    (
        Place::Bucket,
        "vajra-cloud kubernetes manifests shop.yaml --run nightly-9 --workers 8 --image registry.example.com/vajra-cloud:1 --store s3://bucket/prefix > nightly-9.yaml",
    ),
    (Place::Nowhere("it would run this test"), "tests/run"),
    (
        Place::Nowhere("`tests/run` builds the program; installing it takes minutes"),
        "cargo install --locked --path cli --features full",
    ),
];
