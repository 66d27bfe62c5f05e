-- ARGV: now, JSON of a list of rows. What is there already stays as it is, so that a second run changes nothing.
--   {kind='work', stage, id, message, at, tries, deaths, attempts, first}
--   {kind='dead', key, text, at, lineage}
--   {kind='record', key, fields, lifetime}        lifetime in seconds; 0: kept
-- Returns how many of them were new.
local now, restored = clock(ARGV[1]), 0

local function work(row)
  local item = item_key(row.stage, row.id)
  if redis.call('HSETNX', item, 'm', row.message) == 0 then return 0 end
  redis.call('HSET', item, 'f', row.first, 'h', row.attempts)
  if row.tries > 0 then
    redis.call('HSET', item, 'r', row.tries)
    redis.call('ZADD', PREFIX .. 'retries', row.at, row.stage .. '/' .. row.id)
  end
  if row.deaths > 0 then redis.call('HSET', item, 'd', row.deaths) end
  redis.call('ZADD', PREFIX .. row.stage .. ':ready', row.at, row.id)
  count(row.stage, 'in', 1, now)
  return 1
end

local function dead(row)
  if redis.call('EXISTS', PREFIX .. 'dead:' .. row.key) == 1 then return 0 end
  keep_dead(row.key, row.text, cjson.decode(row.text), row.at)
  local lineage = PREFIX .. 'lineage:' .. row.key
  if #row.lineage > 0 and redis.call('EXISTS', lineage) == 0 then
    redis.call('RPUSH', lineage, unpack(row.lineage))
    redis.call('EXPIRE', lineage, 7776000)
  end
  return 1
end

local function record(row)
  if redis.call('EXISTS', row.key) == 1 then return 0 end
  set_fields(row.key, row.fields)
  if row.lifetime > 0 then redis.call('EXPIRE', row.key, row.lifetime) end
  return 1
end

local restore = { work = work, dead = dead, record = record }
for _, row in ipairs(cjson.decode(ARGV[2])) do restored = restored + restore[row.kind](row) end
return restored
