-- ARGV: now, feed id, at, only if new. Returns 1 when the next poll was set; 0 while a poll is in progress or the feed is known.
local now, id = clock(ARGV[1]), ARGV[2]
local ready = PREFIX .. 'poll:ready'
if redis.call('ZSCORE', PREFIX .. 'poll:leases', id) then return 0 end
if redis.call('ZSCORE', ready, id) then
  if ARGV[4] == '1' then return 0 end
else
  count('poll', 'in', 1, now)
end
redis.call('ZADD', ready, ARGV[3], id)
return 1
