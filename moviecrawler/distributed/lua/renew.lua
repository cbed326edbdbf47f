-- include: clock common current
-- ARGV: generation, worker, lease in seconds, ids.
-- Returns how many of them are still the worker's.
local kept = 0
for i = 4, #ARGV do
  local lease = redis.call('HGET', crawl .. 'leased', ARGV[i])
  if lease and parse_lease(lease) == ARGV[2] then
    redis.call('ZADD', crawl .. 'leases', now + ARGV[3], ARGV[i])
    kept = kept + 1
  end
end
return kept
