-- ARGV: now, stream, group, owner, position to start after ('$': only what is new). Returns 1 if the group is new, else 0.
-- A registered group whose Redis group has vanished is made again where it was last seen.
local now, stream, group, owner, start = clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local registry = PREFIX .. 'groups:' .. stream
local known = redis.call('HGET', registry, group)
local record = known and cjson.decode(known) or { since = now, position = start, lost = 0, lost_before = '' }
record.owner = owner ~= '' and owner or record.owner or ''
local made = redis.pcall('XGROUP', 'CREATE', stream, group, record.position, 'MKSTREAM')
if type(made) == 'table' and made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
if record.position == '$' then
  for _, found in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    if found[2] == group then record.position = found[8] end
  end
end
redis.call('HSET', registry, group, cjson.encode(record))
return known and 0 or 1
