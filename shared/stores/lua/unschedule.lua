-- ARGV: now, feed id. Takes a waiting poll away; it is counted, so that the books balance.
local now, id = clock(ARGV[1]), ARGV[2]
if redis.call('ZREM', PREFIX .. 'poll:ready', id) == 1 then
  redis.call('DEL', item_key('poll', id))
  redis.call('ZREM', PREFIX .. 'retries', 'poll/' .. id)
  count('poll', 'dropped', 1, now)
  count('poll', 'dropped:discarded', 1, now)
end
return 1
