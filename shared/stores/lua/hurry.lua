-- ARGV: now, verb, audit id, `stage/id`... Waiting retries: `hurry` makes them due now, `give_up` ends them.
-- Only what still waits for its retry is moved. A feed's poll is never given up. Returns how many were moved.
local now, verb, moved = clock(ARGV[1]), ARGV[2], 0
for i = 4, #ARGV do
  local name = ARGV[i]
  local stage, id = string.match(name, '^([^/]+)/(.+)$')
  local waits = stage and redis.call('ZSCORE', PREFIX .. 'retries', name)
    and redis.call('ZSCORE', PREFIX .. stage .. ':ready', id)
  if waits and verb == 'hurry' then
    redis.call('ZADD', PREFIX .. stage .. ':ready', now, id)
    redis.call('ZADD', PREFIX .. 'retries', now, name)
    moved = moved + 1
  elseif waits and verb == 'give_up' and stage ~= 'poll' then
    redis.call('ZREM', PREFIX .. stage .. ':ready', id)
    redis.call('ZREM', PREFIX .. 'retries', name)
    redis.call('DEL', item_key(stage, id))
    count(stage, 'dropped', 1, now)
    count(stage, 'dropped:discarded', 1, now)
    remember(stage .. ':dropped:discarded', id)
    local record = PREFIX .. 'article:' .. id
    if redis.call('EXISTS', record) == 1 then redis.call('HSET', record, 'status', stage .. ':discarded') end
    moved = moved + 1
  end
end
if moved > 0 and ARGV[3] ~= '' then redis.call('HINCRBY', PREFIX .. 'audit:' .. ARGV[3], 'count', moved) end
return moved
