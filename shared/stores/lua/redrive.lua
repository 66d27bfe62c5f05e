-- ARGV: now, verb (retry or discard), dead-letter keys (`stage/id`)... Moves only what is still dead.
-- Returns how many were moved: a second press moves 0.
local now, verb, moved = clock(ARGV[1]), ARGV[2], 0
for i = 3, #ARGV do
  local key = ARGV[i]
  local text = redis.call('GET', PREFIX .. 'dead:' .. key)
  if text then
    local letter = cjson.decode(text)
    drop_dead(key, letter.fingerprint)
    if verb == 'retry' and letter.stage == 'poll' then
      -- A feed never dies: its next poll already waits and is only brought forward.
      redis.call('ZADD', PREFIX .. 'poll:ready', 'XX', now, letter.id)
    elseif verb == 'retry' then
      add(letter.stage, letter.id, letter.message, nil, now)
      redis.call('HSET', item_key(letter.stage, letter.id), 'h', letter.lineage)
    end
    count(letter.stage, verb, 1, now)
    moved = moved + 1
  end
end
return moved
