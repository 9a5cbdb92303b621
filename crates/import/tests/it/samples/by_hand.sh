#!/bin/bash
# Smoke test of the API.
TOKEN=$(cat token.txt)
$ curl -sS -XPUT "https://api.example.com/v1/items/$ITEM" -H "Authorization: Bearer $TOKEN" -d @item.json | jq .
curl -u ann:secret -L --max-redirs 3 -m 2.5 https://api.example.com/v1/me > me.json
curl -u sk_test_51H: -G https://api.example.com/v1/charges -d limit=3 --data-urlencode 'q=a b&c'
curl https://api.example.com/v1/upload -F 'title=My cat' -F photo=@cat.png -F 'meta={"a":1};type=application/json' -F password=hunter2
curl --json '{"a":1}' --json '{"b":2}' https://api.example.com/v1/json
curl -k --http2 --proxy http://proxy:3128 --cert me.pem --unknown-option https://api.example.com/v1/tls https://api.example.com/v1/tls
curl -I -A agent -e https://example.com/ --connect-timeout 2 'https://api.example.com/v1/items?api_key=k123&page=1' --next -T big.bin https://api.example.com/v1/blob
curl 'https://ann:pw@api.example.com/v1/me?pageToken=abc' -H 'Expect:' -H 'X-Empty;' -H 'Transfer-Encoding: chunked'
curl ftp://files.example.com/x
curl --data-binary @- https://api.example.com/v1/stdin
curl localhost:8080/x -d ''
