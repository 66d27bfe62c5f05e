-- ARGV: now, stage, lease, token, ids... Extends the leases that the token still holds; whoever does so is alive.
local now, held = clock(ARGV[1]), 0
for i = 5, #ARGV do
  if redis.call('HGET', item_key(ARGV[2], ARGV[i]), 't') == ARGV[4] then
    redis.call('ZADD', PREFIX .. ARGV[2] .. ':leases', 'XX', now + tonumber(ARGV[3]), ARGV[i])
    held = held + 1
  end
end
if held > 0 then pulse(ARGV[2], now) end
return held
