-- Stands before every script. A run makes these functions anew, so here is only what nearly all scripts need.
local PREFIX = 'rarewire:1:'

-- Time is the server's own unless a simulation gives one: workers' clocks may be wrong.

local function clock(given)
  if given and given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return tonumber(t[1]) + tonumber(t[2]) / 1000000
end

local function item_key(stage, id) return PREFIX .. 'work:' .. stage .. ':' .. id end

-- That a worker looks at this stage, or a tick came: what the watchdog goes by.
local function pulse(name, now) redis.call('HSET', PREFIX .. 'pulse', name, now) end

-- From place `from` of ARGV on: host, lane, most of requests that are over. Of each lane the place that ends first is free.
local function leave_all(from)
  for i = from, #ARGV, 3 do
    local key, first, ends = PREFIX .. 'host:' .. ARGV[i], nil, math.huge
    for n = 1, tonumber(ARGV[i + 2]) do
      local field = ARGV[i + 1] .. ':' .. n
      local at = tonumber(redis.call('HGET', key, field) or 'inf')
      if at < ends then first, ends = field, at end
    end
    if first then redis.call('HDEL', key, first) end
  end
end

-- A command of a key and any number of further arguments: unpack takes some thousands at most.
local function in_parts(command, key, flat)
  for from = 1, #flat, 2000 do
    redis.call(command, key, unpack(flat, from, math.min(from + 1999, #flat)))
  end
end
