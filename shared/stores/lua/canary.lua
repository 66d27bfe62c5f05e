-- ARGV: now, stream, minute number, minute as text, JSON of the flat attributes. Returns 1 if the minute had none yet.
-- A canary takes no number of its own: its `sequence` is that of the last article before it.
local now, stream, minute = clock(ARGV[1]), ARGV[2], ARGV[3]
local notes = PREFIX .. 'stream:' .. stream
if tonumber(redis.call('HGET', notes, 'canary') or '0') >= tonumber(minute) then return 0 end
local articles = tonumber(redis.call('HGET', PREFIX .. 'sequences', stream) or '0')
local fields = cjson.decode(ARGV[5])
for _, text in ipairs({ 'data', cjson.encode({ minute = ARGV[4], articles = articles }),
  'sequence', string.format('%016d', articles) }) do fields[#fields + 1] = text end
redis.call('XADD', stream, '*', unpack(fields))
redis.call('HSET', notes, 'canary', minute)
count('stream', 'canary', 1, now)
return 1
