# Prints all resources that a deployment could leave, by kind of resource.
found = {
    "buckets": [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]],
    "roles": [role["RoleName"] for role in client("iam").list_roles()["Roles"]],
    "policies": [policy["PolicyName"] for policy in client("iam").list_policies(Scope="Local")["Policies"]],
    "identity providers": [
        provider["Arn"] for provider in client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    ],
    "functions": [],
    "log groups": [],
}
for region in ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "ap-northeast-1"]:
    for function in client("lambda", region).list_functions()["Functions"]:
        found["functions"].append(function["FunctionArn"])
    for group in client("logs", region).describe_log_groups()["logGroups"]:
        found["log groups"].append(f"{region} {group['logGroupName']}")
say({kind: sorted(names) for kind, names in found.items()})
