-- Stands, after the clock, before the scripts that count, queue, bury or publish.
local function write_count(field, n, minute)
  redis.call('HINCRBY', PREFIX .. 'books', field, n)
  redis.call('HINCRBY', minute, field, n)
end

local function minute_of(now) return PREFIX .. 'minute:' .. math.floor(now / 60) end

-- What a batch writes as one, while there is one: counts by field, due times and ids that are queued and leases that are over
-- by stage, ids by ending. Most of a batch ends alike.
local batch

local function share(kind, name, ...)
  local list = batch[kind][name]
  if not list then
    list = {}
    batch[kind][name] = list
  end
  for _, value in ipairs({ ... }) do list[#list + 1] = value end
end

local function count(stage, what, n, now)
  local field = stage .. ':' .. what
  if batch then
    batch.counts[field] = (batch.counts[field] or 0) + n
    return
  end
  local minute = minute_of(now)
  write_count(field, n, minute)
  redis.call('EXPIRE', minute, 93600)
end

local function queue(stage, id, at)
  local when = tonumber(at)
  if not when or when ~= when then error('not a time: ' .. tostring(at), 0) end
  if batch then share('queued', stage, at, id) else redis.call('ZADD', PREFIX .. stage .. ':ready', at, id) end
end

local function write_queued()
  for stage, flat in pairs(batch.queued) do in_parts('ZADD', PREFIX .. stage .. ':ready', flat) end
  batch.queued = {}
end

local function write_counts(now)
  local minute = minute_of(now)
  for field, n in pairs(batch.counts) do write_count(field, n, minute) end
  if next(batch.counts) then redis.call('EXPIRE', minute, 93600) end
end

-- The last 100 of each ending, so that a number in the console can be opened.
local function remember_all(ending, ids)
  local key = PREFIX .. 'recent:' .. ending
  in_parts('LPUSH', key, ids)
  redis.call('LTRIM', key, 0, 99)
  redis.call('EXPIRE', key, 604800)
end

local function remember(ending, id)
  if batch then share('recent', ending, id) else remember_all(ending, { id }) end
end

-- Do a batch and write what it shares at its end; still within the one script, so that work and books move together. What
-- was done before an error is written, too: a script's writes stay.
local function together(now, act)
  batch = { counts = {}, queued = {}, over = {}, recent = {} }
  local fine, problem = pcall(act)
  write_queued()
  for stage, ids in pairs(batch.over) do in_parts('ZREM', PREFIX .. stage .. ':leases', ids) end
  for ending, ids in pairs(batch.recent) do remember_all(ending, ids) end
  write_counts(now)
  batch = nil
  if not fine then error(problem, 0) end
end

-- Known work that only waits for a later time is wanted earlier: the newer message takes its place. Work that is leased or
-- waits after a failed try stays as it is.
local function bring_forward(stage, id, item, message, at)
  local due = redis.call('ZSCORE', PREFIX .. stage .. ':ready', id)
  if not due or tonumber(due) <= tonumber(at) or redis.call('HEXISTS', item, 'r') == 1 then return end
  if redis.call('HEXISTS', item, 's') == 1 then return end
  redis.call('HSET', item, 'm', message)
  redis.call('ZADD', PREFIX .. stage .. ':ready', at, id)
end

-- Queue work once: an id that already waits or is in progress is the same work.
local function add(stage, id, message, at, now)
  local item = item_key(stage, id)
  if redis.call('HSETNX', item, 'm', message) == 0 then
    if batch then write_queued() end
    bring_forward(stage, id, item, message, at or now)
    return 0
  end
  redis.call('HSET', item, 'f', now)
  queue(stage, id, at or now)
  count(stage, 'in', 1, now)
  return 1
end

-- A dead letter is found by each of these without reading it: facet -> field of the letter.
local FACETS = { stage = 'stage', reason = 'reason', host = 'host', feed = 'feed', error = 'error_class', group = 'fingerprint' }

local function keep_dead(key, text, letter, now)
  redis.call('SET', PREFIX .. 'dead:' .. key, text)
  redis.call('ZADD', PREFIX .. 'dead', now, key)
  for facet, field in pairs(FACETS) do
    local value = letter[field]
    if value and value ~= '' then
      redis.call('ZADD', PREFIX .. 'dead-by:' .. facet .. ':' .. value, now, key)
      redis.call('ZINCRBY', PREFIX .. 'dead-facet:' .. facet, 1, value)
    end
  end
end

-- What many letters change alike is noted in a table, `gone[facet][value]`, and settled once.
local function drop_dead(key, letter, gone)
  redis.call('DEL', PREFIX .. 'dead:' .. key)
  redis.call('ZREM', PREFIX .. 'dead', key)
  for facet, field in pairs(FACETS) do
    local value = letter[field]
    if value and value ~= '' and redis.call('ZREM', PREFIX .. 'dead-by:' .. facet .. ':' .. value, key) == 1 then
      gone[facet] = gone[facet] or {}
      gone[facet][value] = (gone[facet][value] or 0) + 1
    end
  end
end

local function settle_dead(gone)
  for facet, values in pairs(gone) do
    local counts = PREFIX .. 'dead-facet:' .. facet
    for value, n in pairs(values) do
      if tonumber(redis.call('ZINCRBY', counts, -n, value)) <= 0 then redis.call('ZREM', counts, value) end
    end
  end
end

-- Seconds from the sight of an article to its event, counted by upper bound, for the end-to-end delay.
local DELAYS = { 1, 5, 15, 60, 300, 900, 3600, 21600, 86400 }
local function count_delay(record, now)
  local found = tonumber(redis.call('HGET', record, 'found_at') or '')
  if not found then return end
  local delay, bucket = math.max(now - found, 0), 'more'
  for _, bound in ipairs(DELAYS) do
    if delay <= bound then bucket = bound break end
  end
  count('stream', 'delay:' .. bucket, 1, now)
  count('stream', 'delay_ms', math.floor(delay * 1000), now)
end

local function set_fields(key, pairs_flat) in_parts('HSET', key, pairs_flat) end

local function unset_fields(key, names) in_parts('HDEL', key, names) end

-- One message on its way to a stage, once per record if it names one. A record without its address is none: a server that
-- forgot its last second had work that came later write the rest of it.
local function forward(next, now)
  local stage, id, message, at, record, lifetime, fields = unpack(next)
  if at == '' then at = nil end
  if record ~= '' then
    if redis.call('HEXISTS', record, 'url') == 1 then return 0 end
    set_fields(record, fields)
    redis.call('EXPIRE', record, lifetime)
  end
  return add(stage, id, message, at, now)
end

-- Append an article event; each stream numbers its own, so that lag is a subtraction and a gap can be seen.
local function append(stream, fields)
  local number = redis.call('HINCRBY', PREFIX .. 'sequences', stream, 1)
  fields[#fields + 1] = 'sequence'
  fields[#fields + 1] = string.format('%016d', number)
  local entry = redis.call('XADD', stream, '*', unpack(fields))
  fields[#fields], fields[#fields - 1] = nil, nil
  return entry
end

-- An event as one JSON object, CloudEvents' structured mode: its fields, and `data` as the object that it is.
local function envelope(fields)
  local parts = {}
  for i = 1, #fields, 2 do
    local value = fields[i] == 'data' and fields[i + 1] or cjson.encode(fields[i + 1])
    parts[#parts + 1] = cjson.encode(fields[i]) .. ':' .. value
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

-- One event onto its streams, at most once for each version of an article on a topic.
local function publish(event, now)
  event.fields[#event.fields + 1] = 'data'
  event.fields[#event.fields + 1] = ARGV[event.data]
  local mark = 'version:' .. event.topic
  if tonumber(redis.call('HGET', event.record, mark) or '0') >= tonumber(event.version) then
    count('stream', 'duplicate', 1, now)
    return
  end
  local entry
  for _, stream in ipairs(event.streams) do
    local id = append(stream, event.fields)
    entry = entry or id
  end
  redis.call('HSET', event.record, mark, event.version, 'event:' .. event.topic, event.event_id,
    'entry:' .. event.topic, entry)
  local said = (event.list_most > 0 or event.announce) and envelope(event.fields)
  if event.list_most > 0 then
    redis.call('LPUSH', event.streams[1] .. ':list', said)
    redis.call('LTRIM', event.streams[1] .. ':list', 0, event.list_most - 1)
  end
  if event.announce then redis.call('PUBLISH', event.streams[1] .. ':channel', said) end
  count('stream', 'in', 1, now)
  pulse('published', now)
  if event.version == '1' then count_delay(event.record, now) end
end
