-- ARGV: now, host, gap, slot or '', lane or '', most, hold, then the places to give back first, as in leave.
-- Returns nil: go now; or the time of the caller's turn.
-- Turns are handed out, not asked for again and again: a thousand pages of one host cost two calls each.
-- A caller that goes in a lane takes one of its `most` places, until `leave` or for `hold` seconds if it dies.
local now, gap, slot = clock(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local lane, most, hold = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
leave_all(8)
local key = PREFIX .. 'host:' .. ARGV[2]
local fields = { 'next', 'blocked', 'last' }
for n = 1, most do fields[#fields + 1] = lane .. ':' .. n end
local f = redis.call('HMGET', key, unpack(fields))
local free, blocked, last = tonumber(f[1] or '0'), tonumber(f[2] or '0'), tonumber(f[3] or '0')
local function tell(told)
  redis.call('HSET', key, unpack(told))
  redis.call('EXPIRE', key, 3456000)
end

-- A clock that was set back must not shut a host until it has caught up.
local set_back = last - now
if set_back > 60 then
  free, blocked = free - set_back, math.max(blocked - set_back, 0)
  redis.call('HSET', key, 'next', free, 'last', now)
  if f[2] then redis.call('HSET', key, 'blocked', blocked) end
end
if last > now then last = now end
local place = lane == '' and 'none' or nil
for n = 1, most do
  local ends = tonumber(f[3 + n] or '0')
  if not place and (ends <= now or ends > now + hold + 60) then place = fields[3 + n] end
end
local ready = math.max(blocked, last > 0 and last + gap or 0)
if ((slot and slot <= now) or free <= now) and ready <= now and place then
  local told = { 'last', now }
  if lane ~= '' then told[3], told[4] = place, now + hold end
  if free <= now then told[#told + 1], told[#told + 2] = 'next', now + gap end
  tell(told)
  return nil
end
-- Its turn has come and the host is not quite ready: it keeps its place. Turns that were missed by more than that are
-- handed out anew, or all that piled up while the workers stood still would go at once.
if slot and slot <= now and slot >= now - 3 * gap - 1 and blocked <= now then
  return tostring(math.max(ready, now + math.min(math.max(gap, 0.1), 1)))
end
local turn = math.max(free, ready, now)
if gap == 0 and not place then turn = turn + 0.1 end
tell({ 'next', turn + gap })
return tostring(turn)
