# Helpers with which the tests of a deployment call AWS APIs.
import json

import boto3
from botocore.config import Config


def client(service, region="us-east-1"):
    return boto3.client(service, region_name=region, config=Config(s3={"addressing_style": "path"}))


def say(value):
    print(json.dumps(value, default=str))
