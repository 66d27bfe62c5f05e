-- A command of a key and any number of further arguments: unpack takes some thousands at most.
local function in_parts(command, key, flat)
  for from = 1, #flat, 2000 do
    redis.call(command, key, unpack(flat, from, math.min(from + 1999, #flat)))
  end
end
