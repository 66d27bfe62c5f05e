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
