-- ARGV: now, host, lane, most. The request of one caller in a lane is over: its place, the first to end, is free.
local key = PREFIX .. 'host:' .. ARGV[2]
local first, ends = nil, math.huge
for n = 1, tonumber(ARGV[4]) do
  local field = ARGV[3] .. ':' .. n
  local at = tonumber(redis.call('HGET', key, field) or 'inf')
  if at < ends then first, ends = field, at end
end
if first then redis.call('HDEL', key, first) end
