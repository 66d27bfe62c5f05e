-- ARGV: now, stream, idle seconds. Forgets consumers that hold nothing and have not asked for so long. Returns how many.
local stream, idle, pruned = ARGV[2], tonumber(ARGV[3]) * 1000, 0
if redis.call('EXISTS', stream) == 0 then return 0 end
for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group[2])) do
    if consumer[4] == 0 and consumer[6] > idle then
      redis.call('XGROUP', 'DELCONSUMER', stream, group[2], consumer[2])
      pruned = pruned + 1
    end
  end
end
return pruned
