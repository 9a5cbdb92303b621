curl 'https://shop.example.com/api/items?page=2&sort=price' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: en-GB,en;q=0.9' \
  -H 'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln' \
  -b 'session=5f2c; _ga=GA1.1.1' \
  -H 'priority: u=1, i' \
  -H 'referer: https://shop.example.com/' \
  -H 'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"' \
  -H 'sec-ch-ua-mobile: ?0' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' ;
curl 'https://shop.example.com/api/orders' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: en-GB,en;q=0.9' \
  -H 'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln' \
  -H 'content-type: application/json' \
  -b 'session=5f2c; _ga=GA1.1.1' \
  -H 'origin: https://shop.example.com' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' \
  --data-raw $'{"item":7,"note":"it\'s \u00fcber \ud83d\ude00\\n{{x}}","password":"hunter2"}' ;
curl 'https://cdn.example.net/logo.svg#top' -H 'sec-fetch-mode: no-cors' -H 'Referer: https://shop.example.com/'
