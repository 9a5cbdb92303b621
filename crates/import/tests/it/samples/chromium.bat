curl ^"https://shop.example.com/api/orders?x=1^&y=100^%^25^" ^
  -H ^"accept: */*^" ^
  -H ^"content-type: application/json^" ^
  -H ^"sec-ch-ua: ^\^"Chromium^\^";v=^\^"140^\^"^" ^
  -b ^"session=5f2c^" ^
  --data-raw ^"^{^\^"item^\^":7,^\^"note^\^":^\^"a ^& b^\^"^}^" &
curl "https://shop.example.com/api/items" -H "accept: */*" --compressed
