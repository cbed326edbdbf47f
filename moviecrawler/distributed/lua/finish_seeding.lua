-- include: clock common current
-- The seeder's start() has ended, and so have the requests that only it can send.
-- ARGV: generation, worker.
-- Returns 1, or 0 when another worker is the seeder by now.
if redis.call('GET', crawl .. 'seeder') ~= ARGV[2] then return 0 end
redis.call('SET', crawl .. 'seeder', 'done')
return 1
