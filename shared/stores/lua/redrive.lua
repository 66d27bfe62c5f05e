-- ARGV: now, JSON of {verb, names, cutoff, first, gap, who, why, message, audit}; verb: retry or discard.
-- Moves only what is still dead and has not failed again since `cutoff`: a second press moves 0. Retried work comes due
-- `first` seconds from now and then every `gap` seconds, which is the rate limit. `message` replaces the old one, which
-- stays in the lineage. The act's audit entry counts along. Returns how many were moved.
local now, c, moved = clock(ARGV[1]), cjson.decode(ARGV[2]), 0

local function requeue(letter, at)
  if letter.stage == 'poll' then
    -- A feed never dies: its next poll already waits and is only brought forward.
    redis.call('ZADD', PREFIX .. 'poll:ready', 'XX', 'LT', at, letter.id)
    return
  end
  local message = c.message ~= '' and c.message or letter.message
  -- Work that is queued again meanwhile, by a feed or by hand, is the same work and stays as it is.
  if add(letter.stage, letter.id, message, at, now) == 1 then
    redis.call('HSET', item_key(letter.stage, letter.id), 'h', letter.lineage)
  end
end

local function tell(key, letter)
  local note = { at = now, who = c.who, verb = c.verb, why = c.why, reason = letter.reason, text = letter.text }
  if c.message ~= '' then note.verb, note.message = 'edit', letter.message end
  local lineage = PREFIX .. 'lineage:' .. key
  redis.call('RPUSH', lineage, cjson.encode(note))
  redis.call('LTRIM', lineage, -50, -1)
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
    drop_dead(key, letter)
    if c.verb == 'retry' then requeue(letter, now + c.first + c.gap * moved) end
    tell(key, letter)
    count(letter.stage, c.verb, 1, now)
    moved = moved + 1
  end
end
if moved > 0 and c.audit ~= '' then redis.call('HINCRBY', PREFIX .. 'audit:' .. c.audit, 'count', moved) end
return moved
