-- ARGV: now, host, gap, slot or ''. Returns nil: go now; or the time of the turn that is reserved for the caller.
-- Turns are handed out, not asked for again and again: a thousand pages of one host cost two calls each.
local now, gap, slot = clock(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local key = PREFIX .. 'host:' .. ARGV[2]
local f = redis.call('HMGET', key, 'next', 'blocked')
local free, blocked = tonumber(f[1] or '0'), tonumber(f[2] or '0')
if blocked <= now and ((slot and slot <= now) or free <= now) then
  if not slot then redis.call('HSET', key, 'next', now + gap) end
  redis.call('EXPIRE', key, 3456000)
  return nil
end
local turn = math.max(free, blocked, now)
redis.call('HSET', key, 'next', turn + gap)
redis.call('EXPIRE', key, 3456000)
return tostring(turn)
