//! Tests of the endpoints of services, and of the parsing of answers. The end-to-end tests make whole calls to a real
//! server.

use super::*;

const PARAMETERS: Service = Service {
    name: "ssm",
    id: "SSM",
    target: "AmazonSSM",
    json: "1.1",
};
const SECRETS: Service = Service {
    name: "secretsmanager",
    id: "Secrets Manager",
    ..PARAMETERS
};

/// The expected endpoints come from the endpoint tests of AWS's own SDKs.
#[test]
fn endpoints_are_those_of_the_sdks() {
    let check = |service: &Service, region: &str, fips: bool, dual_stack: bool, expected: &str| {
        let config = SdkConfig::builder().use_fips(fips).use_dual_stack(dual_stack).build();
        assert_eq!(endpoint(&config, region, service), expected);
    };
    check(
        &PARAMETERS,
        "eu-west-1",
        false,
        false,
        "https://ssm.eu-west-1.amazonaws.com",
    );
    check(
        &PARAMETERS,
        "ca-central-1",
        true,
        false,
        "https://ssm-fips.ca-central-1.amazonaws.com",
    );
    check(
        &PARAMETERS,
        "us-east-1",
        true,
        true,
        "https://ssm-fips.us-east-1.api.aws",
    );
    check(&PARAMETERS, "us-east-1", false, true, "https://ssm.us-east-1.api.aws");
    check(
        &PARAMETERS,
        "cn-north-1",
        false,
        false,
        "https://ssm.cn-north-1.amazonaws.com.cn",
    );
    check(
        &PARAMETERS,
        "cn-north-1",
        true,
        true,
        "https://ssm-fips.cn-north-1.api.amazonwebservices.com.cn",
    );
    check(
        &PARAMETERS,
        "us-gov-west-1",
        true,
        false,
        "https://ssm.us-gov-west-1.amazonaws.com",
    );
    check(
        &PARAMETERS,
        "us-gov-east-1",
        true,
        true,
        "https://ssm-fips.us-gov-east-1.api.aws",
    );
    check(
        &PARAMETERS,
        "us-iso-east-1",
        false,
        false,
        "https://ssm.us-iso-east-1.c2s.ic.gov",
    );
    check(
        &PARAMETERS,
        "us-isob-east-1",
        true,
        false,
        "https://ssm-fips.us-isob-east-1.sc2s.sgov.gov",
    );
    check(
        &SECRETS,
        "us-gov-west-1",
        true,
        false,
        "https://secretsmanager-fips.us-gov-west-1.amazonaws.com",
    );
    let monitoring = Service {
        name: "monitoring",
        ..PARAMETERS
    };
    check(
        &monitoring,
        "eu-isoe-west-1",
        false,
        false,
        "https://monitoring.eu-isoe-west-1.cloud.adc-e.uk",
    );
    check(
        &monitoring,
        "eusc-de-east-1",
        false,
        false,
        "https://monitoring.eusc-de-east-1.amazonaws.eu",
    );
    let elsewhere = SdkConfig::builder().endpoint_url("http://127.0.0.1:1").build();
    assert_eq!(endpoint(&elsewhere, "us-east-1", &PARAMETERS), "http://127.0.0.1:1");
}

fn output(status: u16, error_type: Option<&str>, body: &str) -> Result<Value, String> {
    let answer = ServiceAnswer {
        status,
        error_type: error_type.map(str::to_owned),
        body: body.into(),
    };
    assert_eq!(format!("{answer:?}"), format!("an answer with status {status}"));
    answer.output().map_err(|error| error.to_string())
}

#[test]
fn error_codes_are_read_from_the_header_or_the_body() {
    let refused = |code: &str, message: &str| Err(format!("{code}: {message}"));
    assert_eq!(output(200, None, r#"{"a": 1}"#), Ok(serde_json::json!({"a": 1})));
    assert_eq!(output(200, None, "<html>"), Err("the answer is not JSON".to_owned()));
    assert_eq!(
        output(
            400,
            None,
            r#"{"__type": "com.amazonaws.ssm#ParameterNotFound", "message": "m"}"#
        ),
        refused("ParameterNotFound", "m")
    );
    assert_eq!(
        output(
            400,
            Some("ThrottlingException:http://internal/"),
            r#"{"Message": "Rate exceeded"}"#
        ),
        refused("ThrottlingException", "Rate exceeded")
    );
    assert_eq!(output(502, None, "<html>"), refused("status 502", "no reason is given"));
}

#[tokio::test]
async fn a_call_without_credentials_is_not_sent() {
    let config = SdkConfig::builder().build();
    let region = Region::new("us-east-1");
    let error = call(&config, &region, &PARAMETERS, "GetParameter", &Value::Null)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request cannot be signed: no AWS credentials are configured"
    );
}
