-- ARGV: now, JSON list of completions (shared/stores/work.py), stage to ring for or '', then of the work that is wanted next
-- stage, count, lease and token (a count of 0: none), then the blobs and texts that the completions name by their place here.
-- All of one outcome happens here or none of it. Returns {for each 1, or 0 when the lease was lost: then another worker owns
-- the work and nothing of it is written; 1 if no bell is on its way; what `claim` returns}. A completion that fails leaves its
-- work under its lease, to be tried again, and does not keep the others of its batch from being written; the first such
-- error is the script's own, and nothing is claimed.

-- What follows from an outcome, besides what becomes of the work itself.
local function effects(c, now)
  local stage, id = c.stage, c.id
  if c.dead then
    local key = stage .. '/' .. id
    local old = redis.call('GET', PREFIX .. 'dead:' .. key)
    if old then
      local gone = {}
      drop_dead(key, cjson.decode(old), gone)
      settle_dead(gone)
    end
    keep_dead(key, c.dead, cjson.decode(c.dead), now)
  end

  for _, next in ipairs(c.next) do forward(next, now) end

  -- Before the record says that it was told.
  for _, event in ipairs(c.publish) do publish(event, now) end

  for _, save in ipairs(c.saves) do
    if #save.set > 0 then
      set_fields(save.key, save.set)
      if save.lifetime > 0 then redis.call('EXPIRE', save.key, save.lifetime) end
    end
    unset_fields(save.key, save.unset)
  end

  for _, keep in ipairs(c.keeps) do redis.call('SET', keep[1], ARGV[keep[3]], 'EX', keep[2]) end

  for _, notice in ipairs(c.notices) do
    redis.call('LPUSH', PREFIX .. 'notices', notice)
    redis.call('LTRIM', PREFIX .. 'notices', 0, 999)
  end
end

local function queues_itself(c)
  for _, next in ipairs(c.next) do
    if next[1] == c.stage and next[2] == c.id then return true end
  end
  return false
end

-- Ended work that is queued anew by its own effects is set aside while they are written.
local function finish(c, item, now)
  if not queues_itself(c) then
    effects(c, now)
    redis.call('DEL', item)
    return
  end
  local aside = item .. ':ending'
  redis.call('RENAME', item, aside)
  local fine, problem = pcall(effects, c, now)
  if not fine then
    redis.call('RENAME', aside, item)
    write_queued()
    redis.call('ZREM', PREFIX .. c.stage .. ':ready', c.id)
    error(problem, 0)
  end
  redis.call('DEL', aside)
end

local function retry(c, item, now)
  effects(c, now)
  redis.call('HDEL', item, 't', 's')
  redis.call('HINCRBY', item, 'r', 1)
  redis.call('HSET', item, 'h', c.attempts)
  queue(c.stage, c.id, c.at)
  redis.call('ZADD', PREFIX .. 'retries', c.at, c.stage .. '/' .. c.id)
  count(c.stage, 'in', 1, now)
end

local function complete(c, now)
  local stage, id = c.stage, c.id
  local item = item_key(stage, id)
  if redis.call('HGET', item, 't') ~= c.token then return 0 end

  if c.disposition == 'deferred' then
    redis.call('HDEL', item, 't')
    redis.call('HSET', item, 's', c.at)
    share('over', stage, id)
    queue(stage, id, c.at)
    return 1
  end

  if c.disposition == 'retried' then retry(c, item, now) else finish(c, item, now) end
  share('over', stage, id)

  -- A feed's next poll. A feed that was removed meanwhile is not brought back.
  if c.again_at ~= '' and redis.call('EXISTS', PREFIX .. 'feed:' .. id) == 1 then
    queue(stage, id, c.again_at)
    count(stage, 'in', 1, now)
  end

  local ending = c.disposition
  count(stage, ending, 1, now)
  if c.reason ~= '' then
    ending = ending .. ':' .. c.reason
    count(stage, ending, 1, now)
  end
  remember(stage .. ':' .. ending, id)
  return 1
end

local now, done, problem, stage = clock(ARGV[1]), {}, nil, ARGV[4]
together(now, function()
  for index, completion in ipairs(cjson.decode(ARGV[2])) do
    local fine, result = pcall(complete, completion, now)
    if fine then done[index] = result else problem = problem or result end
  end
end)
if problem then error(problem, 0) end
local bell = ARGV[3] ~= '' and redis.call('SET', PREFIX .. ARGV[3] .. ':bell', '1', 'NX', 'EX', 2) and 1 or 0
local most = tonumber(ARGV[5])
if most == 0 then
  pulse(stage, now)
  return { done, bell, {} }
end
return { done, bell, claim(stage, most, tonumber(ARGV[6]), ARGV[7], now) }
