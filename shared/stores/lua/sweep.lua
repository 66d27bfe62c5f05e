-- ARGV: now, stage, limit. Takes back expired leases, counting the worker that was lost. Returns {due, taken back}.
-- A lease that ran out while nobody swept may have done so because the server was away and nobody could renew it: its
-- holder, alive perhaps, is given a moment, once. What is taken back stands where it stood first: whatever came since
-- waits behind it, and a long queue would keep it for minutes otherwise.
local now, stage = clock(ARGV[1]), ARGV[2]
local ready, leases = PREFIX .. stage .. ':ready', PREFIX .. stage .. ':leases'
local SILENCE, MOMENT, JUMP = 5, 6, 60
local before = tonumber(redis.call('HGET', PREFIX .. 'pulse', 'sweep:' .. stage) or now)

-- The clock was set back: what was planned by it would stand still until it has caught up, for an hour perhaps.
local function set_back(by)
  local function earlier(key, begins)
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. now, '+inf')) do
      if id:sub(1, #begins) == begins then redis.call('ZINCRBY', key, -by, id) end
    end
  end
  earlier(ready, '')
  earlier(leases, '')
  earlier(PREFIX .. 'retries', stage .. '/')
  local pulses = redis.call('HGETALL', PREFIX .. 'pulse')
  for i = 1, #pulses, 2 do
    if pulses[i]:sub(1, 6) ~= 'sweep:' and tonumber(pulses[i + 1]) > now then pulse(pulses[i], now) end
  end
end
if before - now > JUMP then set_back(before - now) end
local away, back = now - before > SILENCE, 0
pulse('tick', now)
pulse('sweep:' .. stage, now)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, tonumber(ARGV[3]))) do
  local item = item_key(stage, id)
  if away and redis.call('HSETNX', item, 'g', 1) == 1 then
    redis.call('ZADD', leases, now + MOMENT, id)
  else
    redis.call('ZREM', leases, id)
    redis.call('HDEL', item, 't', 'g')
    redis.call('HINCRBY', item, 'd', 1)
    redis.call('ZADD', ready, math.min(tonumber(redis.call('HGET', item, 'f') or '') or now, now), id)
    back = back + 1
  end
end
if back > 0 then count(stage, 'taken_back', back, now) end
return { redis.call('ZCOUNT', ready, '-inf', now), back }
