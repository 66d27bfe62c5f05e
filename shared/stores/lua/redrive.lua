-- ARGV: now, JSON of {verb, names, cutoff, first, gap, who, why, message, audit}; verb: retry or discard.
-- Moves only what is still dead and has not failed again since `cutoff`: a second press moves 0. Retried work comes due
-- `first` seconds from now and then every `gap` seconds, which is the rate limit. `message` replaces the old one, which
-- stays in the lineage. The act's audit entry counts along. Returns how many were moved.
local now, c, moved = clock(ARGV[1]), cjson.decode(ARGV[2]), 0
local gone, counted = {}, {}

local function note_count(stage, what)
  counted[stage] = counted[stage] or {}
  counted[stage][what] = (counted[stage][what] or 0) + 1
end

local function requeue(letter, at)
  if letter.stage == 'poll' then
    -- A feed never dies: its next poll already waits and is only brought forward.
    redis.call('ZADD', PREFIX .. 'poll:ready', 'XX', 'LT', at, letter.id)
    return
  end
  local message = c.message ~= '' and c.message or letter.message
  -- Work that is queued again meanwhile, by a feed or by hand, is the same work and stays as it is.
  local item = item_key(letter.stage, letter.id)
  if redis.call('HSETNX', item, 'm', message) == 1 then
    redis.call('HSET', item, 'f', now, 'h', letter.lineage)
    redis.call('ZADD', PREFIX .. letter.stage .. ':ready', at, letter.id)
    note_count(letter.stage, 'in')
  end
end

local function tell(key, letter)
  local note = { at = now, who = c.who, verb = c.verb, why = c.why, reason = letter.reason, text = letter.text }
  if c.message ~= '' then note.verb, note.message = 'edit', letter.message end
  local lineage = PREFIX .. 'lineage:' .. key
  if redis.call('RPUSH', lineage, cjson.encode(note)) > 50 then redis.call('LTRIM', lineage, -50, -1) end
  redis.call('EXPIRE', lineage, 7776000)
  local record = PREFIX .. 'article:' .. letter.id
  if letter.stage ~= 'poll' and redis.call('EXISTS', record) == 1 then
    redis.call('HSET', record, 'status', letter.stage .. ':' .. (c.verb == 'retry' and 'waiting' or 'discarded'))
  end
end

for _, key in ipairs(c.names) do
  local text = redis.call('GET', PREFIX .. 'dead:' .. key)
  local died = tonumber(redis.call('ZSCORE', PREFIX .. 'dead', key) or '0')
  if text and (c.cutoff == '' or died <= tonumber(c.cutoff)) then
    local letter = cjson.decode(text)
    drop_dead(key, letter, gone)
    if c.verb == 'retry' then requeue(letter, now + c.first + c.gap * moved) end
    tell(key, letter)
    note_count(letter.stage, c.verb)
    moved = moved + 1
  end
end
settle_dead(gone)
for stage, whats in pairs(counted) do
  for what, n in pairs(whats) do count(stage, what, n, now) end
end
if moved > 0 and c.audit ~= '' then redis.call('HINCRBY', PREFIX .. 'audit:' .. c.audit, 'count', moved) end
return moved
