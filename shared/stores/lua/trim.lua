-- ARGV: now, stream, retention in seconds, memory ceiling in bytes.
-- Frees what is older than the retention and acknowledged by every registered group. Beyond the ceiling the oldest entries
-- go, read or not, but an alarm comes a round earlier; each group that loses something is told on its dead stream.
-- Returns JSON {trimmed, cut, entries, bytes, alarm, floor, lost: {group: articles}}, or {trimmed, more: true} if it is to be
-- called again.
local now, stream = clock(ARGV[1]), ARGV[2]
local retention, ceiling = tonumber(ARGV[3]), tonumber(ARGV[4])
local registry, notes = PREFIX .. 'groups:' .. stream, PREFIX .. 'stream:' .. stream
if redis.call('EXISTS', stream) == 0 then return cjson.encode({ trimmed = 0, cut = 0, entries = 0, bytes = 0 }) end

local function parts(id)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end

local function earlier(a, b)
  local ams, anumber = parts(a)
  local bms, bnumber = parts(b)
  return ams < bms or (ams == bms and anumber < bnumber)
end

local function after(id)
  local ms, number = parts(id)
  if number >= 9007199254740992 then return string.format('%.0f-0', ms + 1) end
  return string.format('%.0f-%.0f', ms, number + 1)
end

-- The number of the first article at or after an id, or nil where entries are not numbered.
local function article_at(id)
  local row = redis.call('XRANGE', stream, id, '+', 'COUNT', 1)[1]
  if not row then return tonumber(redis.call('HGET', PREFIX .. 'sequences', stream) or '0') + 1 end
  local number, canary
  for i = 1, #row[2], 2 do
    if row[2][i] == 'sequence' then number = tonumber(row[2][i + 1]) end
    if row[2][i] == 'type' then canary = string.find(row[2][i + 1], 'canary', 1, true) end
  end
  return number and (canary and number + 1 or number)
end

-- From which entry on each registered group still needs the stream.
local live = {}
for _, found in ipairs(redis.call('XINFO', 'GROUPS', stream)) do live[found[2]] = { pending = found[6], last = found[8] } end
local records, floors, floor, holder = redis.call('HGETALL', registry), {}, nil, ''
for i = 1, #records, 2 do
  local name, record = records[i], cjson.decode(records[i + 1])
  local group = live[name]
  if group then record.position = group.last end
  local needs = record.position == '$' and '0-0' or after(record.position)
  if group and group.pending > 0 then
    local oldest = redis.call('XPENDING', stream, name)[2]
    if earlier(oldest, needs) then needs = oldest end
  end
  floors[name] = { needs = needs, record = record }
  if not floor or earlier(needs, floor) then floor, holder = needs, name end
end

-- Ids have whole milliseconds: what was added within the present one is as old as now.
local cutoff = string.format('%.0f-0', math.floor((now - retention) * 1000) + 1)
if floor and earlier(floor, cutoff) then cutoff = floor end
-- A long trim comes in pieces, between which the server serves others; whole nodes first, and at the end exactly.
local PIECE = 10000
local trimmed, cut, lost = redis.call('XTRIM', stream, 'MINID', '~', cutoff, 'LIMIT', PIECE), 0, {}
if trimmed * 2 > PIECE then return cjson.encode({ trimmed = trimmed, more = true }) end
trimmed = trimmed + redis.call('XTRIM', stream, 'MINID', cutoff)
local bytes, alarm = redis.call('MEMORY', 'USAGE', stream) or 0, redis.call('HGET', notes, 'alarm') or ''

local function tell(kind, detail)
  local notice = { at = now, kind = kind, about = stream, detail = detail }
  redis.call('LPUSH', PREFIX .. 'notices', cjson.encode(notice))
  redis.call('LTRIM', PREFIX .. 'notices', 0, 999)
end

local function tell_group(name, group, first)
  local before = group.was
  local now_first = article_at(first)
  local number = before and now_first and math.max(now_first - before, 0) or cut
  if number == 0 then return end
  group.record.lost = (group.record.lost or 0) + number
  group.record.lost_before = first
  lost[name] = number
  redis.call('XADD', stream .. ':dead:' .. name, '*', 'deadreason', 'trimmed', 'deaderror',
    number .. ' articles were trimmed unread to stay below the memory ceiling; the oldest left is ' .. first,
    'deadfirst', group.needs, 'deadlast', first, 'deadgroup', name)
end

if bytes > ceiling and (alarm ~= '' or bytes > ceiling * 1.2) then
  for _, group in pairs(floors) do group.was = article_at(group.needs) end
  cut = redis.call('XTRIM', stream, 'MAXLEN', math.floor(redis.call('XLEN', stream) * 0.9 * ceiling / bytes))
  local row = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  local first = row and row[1] or after(redis.call('XINFO', 'STREAM', stream)[8])
  for name, group in pairs(floors) do
    if earlier(group.needs, first) then tell_group(name, group, first) end
  end
  tell('stream_cut', cut .. ' entries went to stay below the memory ceiling; the slowest group is ' .. holder)
  bytes = redis.call('MEMORY', 'USAGE', stream) or 0
end

for name, group in pairs(floors) do redis.call('HSET', registry, name, cjson.encode(group.record)) end
local level = (cut > 0 or bytes > ceiling) and 'over' or bytes > ceiling * 0.8 and 'near' or ''
if level ~= alarm then
  local percent = math.floor(100 * bytes / ceiling)
  if level ~= '' then
    tell('stream_memory', percent .. ' % of the memory ceiling; what is unread holds the trim, first by group ' .. holder)
  else
    tell('stream_memory_over', 'back to ' .. percent .. ' % of the memory ceiling')
  end
  redis.call('HSET', notes, 'alarm', level)
end
redis.call('HSET', notes, 'trimmed_at', now, 'bytes', bytes)
return cjson.encode({ trimmed = trimmed, cut = cut, entries = redis.call('XLEN', stream), bytes = bytes,
  alarm = level, floor = floor or '', lost = next(lost) and lost or cjson.decode('{}') })
