-- ARGV: now, start, most, index, other indexes... The names in all of the indexes, newest first: walks the first one,
-- which should be the smallest, and asks the others.
local start, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local out, met, from = {}, 0, 0
while #out < most do
  local names = redis.call('ZREVRANGE', ARGV[4], from, from + 999)
  if #names == 0 then break end
  for _, name in ipairs(names) do
    local everywhere = true
    for i = 5, #ARGV do
      if not redis.call('ZSCORE', ARGV[i], name) then everywhere = false break end
    end
    if everywhere then
      met = met + 1
      if met > start and #out < most then out[#out + 1] = name end
    end
  end
  from = from + 1000
end
return out
