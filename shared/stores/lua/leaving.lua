-- From place `from` of ARGV on: host, lane, most of requests that are over. Of each lane the place that ends first is free.
local function leave_all(from)
  for i = from, #ARGV, 3 do
    local key, first, ends = PREFIX .. 'host:' .. ARGV[i], nil, math.huge
    local most = tonumber(ARGV[i + 2])
    if most == 1 then first = ARGV[i + 1] .. ':1' end
    for n = 1, most > 1 and most or 0 do
      local field = ARGV[i + 1] .. ':' .. n
      local at = tonumber(redis.call('HGET', key, field) or 'inf')
      if at < ends then first, ends = field, at end
    end
    if first then redis.call('HDEL', key, first) end
  end
end
