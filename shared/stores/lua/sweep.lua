-- ARGV: now, stage, limit. Takes back expired leases, counting the worker that was lost. Returns {due, taken back}.
local now, stage = clock(ARGV[1]), ARGV[2]
local ready, leases = PREFIX .. stage .. ':ready', PREFIX .. stage .. ':leases'
local back = 0
pulse('tick', now)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, tonumber(ARGV[3]))) do
  local item = item_key(stage, id)
  redis.call('ZREM', leases, id)
  redis.call('HDEL', item, 't')
  redis.call('HINCRBY', item, 'd', 1)
  redis.call('ZADD', ready, now, id)
  back = back + 1
end
if back > 0 then count(stage, 'taken_back', back, now) end
return { redis.call('ZCOUNT', ready, '-inf', now), back }
