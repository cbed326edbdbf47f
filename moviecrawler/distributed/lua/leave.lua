-- include: clock common
-- A worker leaves. The last one deletes the crawl. So does the first one to leave a crawl that is over: all others end
-- too, and one of them may be lost and never leave.
-- ARGV: generation, worker, 1 when a crawl that is over need not wait for titles that people hand in.
-- Returns the number of other workers.
redis.call('ZREM', crawl .. 'workers', ARGV[2])
if redis.call('GET', crawl .. 'seeder') == ARGV[2] then redis.call('DEL', crawl .. 'seeder') end
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
local others = redis.call('ZCARD', crawl .. 'workers')
local over = redis.call('GET', crawl .. 'seeder') == 'done' and pending(crawl) == 0
if others == 0 or (ARGV[3] == '1' and over) then
  discard(crawl)
  if redis.call('GET', base .. ':current') == generation then redis.call('DEL', base .. ':current') end
end
return others
