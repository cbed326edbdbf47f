-- include: clock common current
-- A leased entry cannot be read as a request: it becomes a dead letter.
-- ARGV: generation, reason, id.
local _, entry = parse_lease(redis.call('HGET', crawl .. 'leased', ARGV[3]) or '')
if not entry then return 0 end
add_dead_letter(ARGV[3], ARGV[2], entry)
redis.call('ZREM', crawl .. 'leases', ARGV[3])
redis.call('HDEL', crawl .. 'leased', ARGV[3])
return 1
