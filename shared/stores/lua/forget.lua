-- ARGV: now, stream, group, entry id to begin with, how many. Forgets that a group has done these entries' events, so that a
-- replay is no duplicate (shared/stores/membership.py remembers them). Returns the last id looked at, or '' at the end.
local stream, group, last = ARGV[2], ARGV[3], ''
for _, row in ipairs(redis.call('XRANGE', stream, ARGV[4], '+', 'COUNT', ARGV[5])) do
  last = row[1]
  for i = 1, #row[2], 2 do
    if row[2][i] == 'id' then redis.call('UNLINK', stream .. ':seen:' .. group .. ':' .. row[2][i + 1]) end
  end
end
return last
