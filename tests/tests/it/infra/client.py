# Helpers for calls of AWS APIs. The tests of a deployment use them.
import json

import boto3
from botocore.config import Config


def client(service, region="us-east-1"):
    return boto3.client(service, region_name=region, config=Config(s3={"addressing_style": "path"}))


def say(value):
    print(json.dumps(value, default=str))
