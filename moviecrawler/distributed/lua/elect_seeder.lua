-- include: clock common current
-- The first worker that asks becomes the seeder; when a seeder is lost, the next one that asks takes its place.
-- ARGV: generation, worker.
-- Returns 'mine', 'taken' (by a living worker) or 'done'.
local seeder = redis.call('GET', crawl .. 'seeder')
if seeder == 'done' then return 'done' end
if seeder and seeder ~= ARGV[2] then
  local lease_end = redis.call('ZSCORE', crawl .. 'workers', seeder)
  if lease_end and tonumber(lease_end) > now then return 'taken' end
end
redis.call('SET', crawl .. 'seeder', ARGV[2])
return 'mine'
