-- ARGV: now, then JSON of [[stage, id, message, at, record key, record lifetime, {record fields}], ...]; 0 and '' mean none.
-- Returns how many were new. With a record key, the work is added only if that record does not exist yet.
local now, added = clock(ARGV[1]), 0
together(now, function()
  for _, next in ipairs(cjson.decode(ARGV[2])) do added = added + forward(next, now) end
end)
return added
