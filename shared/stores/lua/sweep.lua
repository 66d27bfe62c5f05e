-- ARGV: now, stage, deaths, lease, token, limit. Takes back expired leases.
-- Returns [due, taken back, id, message, tries, deaths, attempts, first, slot, ...]: the listed work has cost too many workers
-- their life; it is leased to the caller, who buries it.
local now, stage = clock(ARGV[1]), ARGV[2]
local ready, leases = PREFIX .. stage .. ':ready', PREFIX .. stage .. ':leases'
local back, out = 0, {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, tonumber(ARGV[6]))) do
  local item = item_key(stage, id)
  local deaths = redis.call('HINCRBY', item, 'd', 1)
  back = back + 1
  if deaths >= tonumber(ARGV[3]) then
    redis.call('HSET', item, 't', ARGV[5])
    redis.call('ZADD', leases, now + tonumber(ARGV[4]), id)
    local f = redis.call('HMGET', item, 'm', 'r', 'd', 'h', 'f', 's')
    for _, value in ipairs({ id, f[1] or '', f[2] or '0', f[3] or '0', f[4] or '[]', f[5] or '', f[6] or '' }) do
      out[#out + 1] = value
    end
  else
    redis.call('ZREM', leases, id)
    redis.call('HDEL', item, 't')
    redis.call('ZADD', ready, now, id)
  end
end
if back > 0 then count(stage, 'taken_back', back, now) end
return { redis.call('ZCOUNT', ready, '-inf', now), back, unpack(out) }
