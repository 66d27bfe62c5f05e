-- ARGV: now, lifetime, JSON list of what sites have learnt: {site, version it was read at, its fields, marks, order, gone}; fields
-- and marks are flat [name, value, ...], order is flat [last page, block, ...].
-- Returns for each 1, or 0 when another worker was faster: then nothing of it is written.
local now, lifetime = clock(ARGV[1]), tonumber(ARGV[2])

local function learn(site, version, fields, marks, order, gone)
  local record = PREFIX .. 'site:' .. site
  if (redis.call('HGET', record, 'version') or '') ~= version then return 0 end
  local blocks, places = PREFIX .. 'site-blocks:' .. site, PREFIX .. 'site-order:' .. site
  redis.call('HSET', record, unpack(fields))
  redis.call('HINCRBY', record, 'version', 1)
  in_parts('HSET', blocks, marks)
  in_parts('ZADD', places, order)
  in_parts('HDEL', blocks, gone)
  in_parts('ZREM', places, gone)
  for _, key in ipairs({ record, blocks, places }) do redis.call('EXPIRE', key, lifetime) end
  redis.call('ZADD', PREFIX .. 'sites', now, site)
  return 1
end

local done = {}
for index, one in ipairs(cjson.decode(ARGV[3])) do done[index] = learn(unpack(one)) end
redis.call('ZREMRANGEBYSCORE', PREFIX .. 'sites', '-inf', now - lifetime)
return done
