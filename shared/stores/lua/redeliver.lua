-- ARGV: now, stream, group, ids of dead entries... Gives the events behind them back to this group alone: they become
-- pending again, long idle and with no delivery counted, so that whichever consumer looks for stale work takes them first.
-- Returns flat {moved, ids whose event was trimmed meanwhile...}; those stay on the dead stream, which holds them whole.
local stream, group, moved, gone = ARGV[2], ARGV[3], 0, {}
local dead = stream .. ':dead:' .. group
for i = 4, #ARGV do
  local row = redis.call('XRANGE', dead, ARGV[i], ARGV[i])[1]
  local entry
  for f = 1, row and #row[2] or 0, 2 do
    if row[2][f] == 'deadentry' then entry = row[2][f + 1] end
  end
  if entry then
    local given = redis.call('XCLAIM', stream, group, 'redrive', 0, entry, 'IDLE', 2592000000, 'RETRYCOUNT', 0, 'FORCE', 'JUSTID')
    if #given > 0 then
      redis.call('XDEL', dead, ARGV[i])
      moved = moved + 1
    else
      gone[#gone + 1] = ARGV[i]
    end
  elseif row then
    gone[#gone + 1] = ARGV[i]
  end
end
return { moved, unpack(gone) }
