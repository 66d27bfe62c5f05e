-- ARGV: now, host, gap, slot or '', hold. Returns nil: go now; or the time of the turn that is the caller's.
-- Turns are handed out, not asked for again and again: a thousand pages of one host cost two calls each.
-- `hold` > 0 is the seconds for which a caller that goes keeps others that hold away, unless it releases the host before.
local now, gap, slot, hold = clock(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local key = PREFIX .. 'host:' .. ARGV[2]
local f = redis.call('HMGET', key, 'next', 'blocked', 'last', 'busy')
local free, blocked = tonumber(f[1] or '0'), tonumber(f[2] or '0')
local last, busy = tonumber(f[3] or '0'), hold > 0 and tonumber(f[4] or '0') or 0
redis.call('EXPIRE', key, 3456000)
-- A clock that was set back must not shut a host until it has caught up.
if last > now then last = now end
local ready = math.max(blocked, last > 0 and last + gap or 0)
if ((slot and slot <= now) or free <= now) and ready <= now and busy <= now then
  redis.call('HSET', key, 'last', now)
  if hold > 0 then redis.call('HSET', key, 'busy', now + hold) end
  if free <= now then redis.call('HSET', key, 'next', now + gap) end
  return nil
end
-- Its turn has come and the host is not quite ready: it keeps its place. Turns that were missed by more than that are
-- handed out anew, or all that piled up while the workers stood still would go at once.
if slot and slot <= now and slot >= now - 3 * gap - 1 and blocked <= now then
  return tostring(math.max(ready, now + math.min(gap, 1)))
end
local turn = math.max(free, ready, now)
redis.call('HSET', key, 'next', turn + gap)
return tostring(turn)
