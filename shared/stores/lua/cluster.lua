-- ARGV: now, known cluster or '', article id, JSON of its sighting, hashes of its sketch...
-- Returns {cluster, JSON of each member...}. A hash belongs to the cluster that showed it first, for ten days.
local now, cluster, article = clock(ARGV[1]), ARGV[2], ARGV[3]
local LIFETIME, size = 864000, #ARGV - 4

if cluster == '' then
  local votes = {}
  for i = 5, #ARGV do
    local owner = redis.call('GET', PREFIX .. 'shingle:' .. ARGV[i])
    if owner then votes[owner] = (votes[owner] or 0) + 1 end
  end
  local most = 0
  for owner, number in pairs(votes) do
    if number > most or (number == most and owner < cluster) then cluster, most = owner, number end
  end
  if most * 2 < size or most == 0 then cluster = article end
end

for i = 5, #ARGV do redis.call('SET', PREFIX .. 'shingle:' .. ARGV[i], cluster, 'NX', 'EX', LIFETIME) end
local members = PREFIX .. 'cluster:' .. cluster
redis.call('HSETNX', members, article, cjson.encode({ at = now, who = cjson.decode(ARGV[4]) }))
redis.call('EXPIRE', members, LIFETIME)
local out = { cluster }
for _, member in ipairs(redis.call('HVALS', members)) do out[#out + 1] = member end
return out
