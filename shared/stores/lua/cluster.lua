-- ARGV: now, known cluster or '', article id, JSON of its sighting, hashes of its sketch, smallest first...
-- Returns {cluster, JSON of each member...}. Those who share many of the indexed hashes are compared by the whole sketch: the
-- share of the smallest hashes of both that both have estimates the share of shingles in common. Owners of single hashes
-- would not do: news of one kind shares phrases, and the first story of a kind would own them.
local now, cluster, article = clock(ARGV[1]), ARGV[2], ARGV[3]
local LIFETIME, SIZE, INDEXED, BUCKET, CANDIDATES, ALIKE = 864000, 64, 32, 30, 16, 0.4
local last = #ARGV
local indexed = math.min(last, 4 + INDEXED)

local function resemblance(other)
  local i, j, taken, both = 5, 1, 0, 0
  while taken < SIZE and (i <= last or j <= #other) do
    local mine, theirs = ARGV[i], other[j]
    if mine and mine == theirs then both, i, j = both + 1, i + 1, j + 1
    elseif theirs == nil or (mine and mine < theirs) then i = i + 1
    else j = j + 1 end
    taken = taken + 1
  end
  return taken > 0 and both / taken or 0
end

local function candidates()
  local votes, ranked = {}, {}
  for i = 5, indexed do
    for _, other in ipairs(redis.call('LRANGE', PREFIX .. 'shingle:' .. ARGV[i], 0, -1)) do
      votes[other] = (votes[other] or 0) + 1
    end
  end
  for other, number in pairs(votes) do ranked[#ranked + 1] = { number, other } end
  table.sort(ranked, function(a, b) return a[1] > b[1] or (a[1] == b[1] and a[2] < b[2]) end)
  return ranked
end

if cluster == '' then
  local best = 0
  for rank, candidate in ipairs(candidates()) do
    if rank > CANDIDATES then break end
    local kept = redis.call('HMGET', PREFIX .. 'sketch:' .. candidate[2], 'cluster', 'hashes')
    local alike = kept[1] and kept[2] and resemblance(cjson.decode(kept[2])) or 0
    if alike >= ALIKE and alike > best then cluster, best = kept[1], alike end
  end
  if cluster == '' then cluster = article end
end

-- An article that has no sketch yet is in no bucket.
local again = false
if last > 4 then
  local hashes = {}
  for i = 5, last do hashes[#hashes + 1] = ARGV[i] end
  local sketch = PREFIX .. 'sketch:' .. article
  again = redis.call('EXISTS', sketch) == 1
  redis.call('HSET', sketch, 'cluster', cluster, 'hashes', cjson.encode(hashes))
  redis.call('EXPIRE', sketch, LIFETIME)
end
for i = 5, indexed do
  local bucket = PREFIX .. 'shingle:' .. ARGV[i]
  if again then redis.call('LREM', bucket, 0, article) end
  if redis.call('LPUSH', bucket, article) > BUCKET then redis.call('LTRIM', bucket, 0, BUCKET - 1) end
  redis.call('EXPIRE', bucket, LIFETIME)
end

local members = PREFIX .. 'cluster:' .. cluster
redis.call('HSETNX', members, article, cjson.encode({ at = now, who = cjson.decode(ARGV[4]) }))
redis.call('EXPIRE', members, LIFETIME)
local out = { cluster }
for _, member in ipairs(redis.call('HVALS', members)) do out[#out + 1] = member end
return out
