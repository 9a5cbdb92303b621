//! Compares signatures with test vectors that AWS publishes: the test suite for Signature Version 4, and the examples
//! of S3.
//!
//! Some vectors of the suite are left out. `get-space` and `get-utf8` encode the path once, but services encode it
//! twice, and S3 has other vectors. `…-unnormalized` turns off the normalization of paths that all services except S3
//! do. `get-header-value-multiline` has line breaks in a header, which a scenario must not contain.
//! `post-sts-header-after` adds the session token after signing.

use super::*;
use crate::secrets::Secret;
use plan::scenario::Signature;

/// A test vector. A vector uses the keys of the suite unless it contains other keys.
struct Vector<'a> {
    service: &'a str,
    region: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
    /// The time of the signature, as seconds since the Unix epoch.
    time: u64,
    method: &'a str,
    host: &'a str,
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
}

const SUITE: Vector<'_> = Vector {
    service: "service",
    region: "us-east-1",
    secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    token: None,
    // 2015-08-30T12:36:00Z
    time: 1_440_938_160,
    method: "GET",
    host: "example.amazonaws.com",
    path: "/",
    headers: &[],
    body: "",
};

impl Vector<'_> {
    /// Returns the signature of the vector, and the names of the signed headers.
    fn signed(&self) -> (String, String) {
        let signature = Signature {
            service: self.service.to_owned(),
            region: self.region.to_owned(),
            keys: None,
        };
        let keys = Keys {
            key: Secret::new("AKIDEXAMPLE"),
            secret: Secret::new(self.secret),
            token: self.token.map(Secret::new),
        };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let own: Vec<_> = self.headers.iter().map(owned).collect();
        let unsigned = Unsigned {
            method: self.method,
            url: &format!("https://{}{}", self.host, self.path),
            host: self.host,
            headers: &own,
            body: self.body.as_bytes(),
        };
        let headers = headers(&signature, &keys, &unsigned, self.time * 1_000_000_000).unwrap();
        let value = |wanted: &str| {
            let found = headers.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("x-amz-security-token"), self.token);
        let value = value("authorization").unwrap();
        let (scope, rest) = value.split_once(", SignedHeaders=").unwrap();
        let end = format!("/{}/{}/aws4_request", self.region, self.service);
        assert!(scope.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20") && scope.ends_with(&end));
        let (names, signature) = rest.split_once(", Signature=").unwrap();
        (signature.to_owned(), names.to_owned())
    }

    #[track_caller]
    fn check(&self, expected: &str) {
        let (signature, names) = self.signed();
        assert_eq!(signature, expected, "{} {} with {names}", self.method, self.path);
    }
}

#[test]
fn methods_paths_and_queries_are_signed_as_in_the_suite() {
    let letters = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (unreserved, query) = (format!("/{letters}"), format!("/?{letters}={letters}"));
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    for (path, expected) in [
        ("/", vanilla),
        ("/example/..", vanilla),
        ("/example1/example2/../..", vanilla),
        ("/./", vanilla),
        ("//", vanilla),
        (
            "/./example",
            "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
        ),
        (
            "//example//",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ),
        (
            &unreserved,
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ),
        (
            "/?Param1=value1",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        ),
        (
            "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ),
        (
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            &query,
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ),
        (
            "/?%E1%88%B4=bar",
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ),
    ] {
        Vector { path, ..SUITE }.check(expected);
    }
    for (path, expected) in [
        ("/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "/?Param1=value1",
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ),
    ] {
        Vector {
            method: "POST",
            path,
            ..SUITE
        }
        .check(expected);
    }
}

#[test]
fn headers_are_signed_as_in_the_suite() {
    for (method, headers, expected) in [
        (
            "GET",
            &[
                ("My-Header1", "value2"),
                ("My-Header1", "value2"),
                ("My-Header1", "value1"),
            ][..],
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            "GET",
            &[
                ("My-Header1", "value4"),
                ("My-Header1", "value1"),
                ("My-Header1", "value3"),
                ("My-Header1", "value2"),
            ],
            "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
        ),
        (
            "GET",
            &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "POST",
            &[("My-Header1", "value1")],
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (
            "POST",
            &[("My-Header1", "VALUE1")],
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        ),
        // The `user-agent` header of the program is not signed, because proxies change it.
        (
            "POST",
            &[("My-Header1", "VALUE1"), ("User-Agent", "mine")],
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        ),
    ] {
        Vector {
            method,
            headers,
            ..SUITE
        }
        .check(expected);
    }
}

#[test]
fn a_token_of_a_session_is_signed_as_in_the_suite() {
    let token = Some("6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267");
    Vector { token, ..SUITE }.check("07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8");
}

#[test]
fn bodies_are_signed_as_in_the_suite() {
    let form = "application/x-www-form-urlencoded";
    let with_charset = format!("{form}; charset=utf-8");
    let body = "Param1=value1";
    // In this vector, the digest of the body is also sent as a header.
    let digest = plan::sha256::hex(body.as_bytes());
    for (kind, expected) in [
        (form, "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"),
        (
            &with_charset,
            "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
        ),
    ] {
        let headers = [
            ("Content-Type", kind),
            ("Content-Length", "13"),
            ("X-Amz-Content-Sha256", &digest),
        ];
        let vector = Vector {
            method: "POST",
            headers: &headers,
            body,
            ..SUITE
        };
        vector.check(expected);
        let without = |body| Vector {
            headers: &headers[..2],
            body,
            ..vector
        };
        assert_ne!(without(body).signed(), without("Param1=value2").signed());
    }
}

#[test]
fn services_other_than_s3_encode_the_path_again() {
    Vector {
        service: "lambda",
        region: "us-east-2",
        // 2021-05-11T15:40:45Z
        time: 1_620_747_645,
        method: "POST",
        host: "lambda.us-east-2.amazonaws.com",
        path: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A892717189312%3Afunction%3Amy-rusty-fun/invocations",
        ..SUITE
    }
    .check("4b93abbcc68be32bd64c18e2c71150660ab4c29bbd6c32a383a7517a88fc1804");
}

/// The examples of the page "Signature Calculations for the Authorization Header" in the documentation of S3.
#[test]
fn requests_to_s3_are_signed_as_in_its_examples() {
    let s3 = Vector {
        service: "s3",
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        // 2013-05-24T00:00:00Z
        time: 1_369_353_600,
        host: "examplebucket.s3.amazonaws.com",
        ..SUITE
    };
    Vector {
        path: "/test.txt",
        headers: &[("Range", "bytes=0-9")],
        ..s3
    }
    .check("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    Vector {
        method: "PUT",
        path: "/test%24file.text",
        headers: &[
            ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ],
        body: "Welcome to Amazon S3.",
        ..s3
    }
    .check("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    Vector {
        path: "/?max-keys=2&prefix=J",
        ..s3
    }
    .check("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    Vector {
        path: "/?lifecycle",
        ..s3
    }
    .check("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}
