-- Moves due work of a stage under a lease of so many seconds; returns flat [id, message, tries, deaths, attempts, first, slot, ...].
-- Work that has cost a worker its life is claimed alone, so that it cannot take its neighbours with it again.
local function claim(stage, most, lease, token, now)
  local ready, leases = PREFIX .. stage .. ':ready', PREFIX .. stage .. ':leases'
  local out, ids, until_then = {}, {}, {}
  pulse(stage, now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', ready, '-inf', now, 'LIMIT', 0, most)) do
    local item = item_key(stage, id)
    local f = redis.call('HMGET', item, 'm', 'r', 'd', 'h', 'f', 's')
    local suspect = (tonumber(f[3] or '0') or 0) > 0
    if not suspect or #ids == 0 then
      ids[#ids + 1] = id
      until_then[#until_then + 1], until_then[#until_then + 2] = now + lease, id
      redis.call('HSET', item, 't', token)
      if f[2] then redis.call('ZREM', PREFIX .. 'retries', stage .. '/' .. id) end
      for _, value in ipairs({ id, f[1] or '', f[2] or '0', f[3] or '0', f[4] or '[]', f[5] or '', f[6] or '' }) do
        out[#out + 1] = value
      end
      if suspect then break end
    end
  end
  if #ids > 0 then
    redis.call('ZREM', ready, unpack(ids))
    redis.call('ZADD', leases, unpack(until_then))
  end
  return out
end
