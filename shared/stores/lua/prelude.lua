-- Stands before every script. Time is the server's own unless a simulation gives one: workers' clocks may be wrong.
local PREFIX = 'rarewire:1:'

local function clock(given)
  if given and given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return tonumber(t[1]) + tonumber(t[2]) / 1000000
end

local function count(stage, what, n, now)
  local field = stage .. ':' .. what
  local minute = PREFIX .. 'minute:' .. math.floor(now / 60)
  redis.call('HINCRBY', PREFIX .. 'books', field, n)
  redis.call('HINCRBY', minute, field, n)
  redis.call('EXPIRE', minute, 93600)
end

local function item_key(stage, id) return PREFIX .. 'work:' .. stage .. ':' .. id end

-- Queue work once: an id that already waits or is in progress is the same work.
local function add(stage, id, message, at, now)
  local item = item_key(stage, id)
  if redis.call('HSETNX', item, 'm', message) == 0 then return 0 end
  redis.call('HSET', item, 'f', now)
  redis.call('ZADD', PREFIX .. stage .. ':ready', at or now, id)
  count(stage, 'in', 1, now)
  return 1
end

local function drop_dead(key, fingerprint)
  redis.call('DEL', PREFIX .. 'dead:' .. key)
  redis.call('ZREM', PREFIX .. 'dead', key)
  local group = PREFIX .. 'dead-group:' .. fingerprint
  redis.call('ZREM', group, key)
  local left = redis.call('ZCARD', group)
  if left == 0 then redis.call('ZREM', PREFIX .. 'dead-groups', fingerprint)
  else redis.call('ZADD', PREFIX .. 'dead-groups', left, fingerprint) end
end

-- HSET of any number of field, value pairs: unpack takes some thousands at most.
local function set_fields(key, pairs_flat)
  for from = 1, #pairs_flat, 2000 do
    redis.call('HSET', key, unpack(pairs_flat, from, math.min(from + 1999, #pairs_flat)))
  end
end

local function unset_fields(key, names)
  for from = 1, #names, 2000 do
    redis.call('HDEL', key, unpack(names, from, math.min(from + 1999, #names)))
  end
end

-- One message on its way to a stage, once per record if it names one.
local function forward(next, now)
  local stage, id, message, at, record, lifetime, fields = unpack(next)
  if at == '' then at = nil end
  if record ~= '' then
    if redis.call('EXISTS', record) == 1 then return 0 end
    set_fields(record, fields)
    redis.call('EXPIRE', record, lifetime)
  end
  return add(stage, id, message, at, now)
end

-- One event onto its stream, at most once for each version of an article.
local function publish(event, now)
  local published = tonumber(redis.call('HGET', event.record, 'version') or '0')
  if published >= tonumber(event.version) then
    count('stream', 'duplicate', 1, now)
    return
  end
  local entry = redis.call('XADD', event.stream, '*', unpack(event.fields))
  redis.call('HSET', event.record, 'version', event.version, 'event_id', event.event_id, 'stream_id', entry)
  count('stream', 'in', 1, now)
end
