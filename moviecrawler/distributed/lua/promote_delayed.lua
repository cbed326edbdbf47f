-- include: clock common current
-- Move delayed requests whose time has come into their queues, up to 500 of them.
-- ARGV: generation.
-- Returns how many.
local due = redis.call('ZRANGEBYSCORE', crawl .. 'delayed', '-inf', now, 'LIMIT', 0, 500)
for _, entry in ipairs(due) do
  local sequence, _, score, slot = parse_entry(entry)
  if sequence then
    enqueue(score, slot, entry)
  else
    add_dead_letter(redis.sha1hex(entry), OTHER_VERSION, entry)
  end
  redis.call('ZREM', crawl .. 'delayed', entry)
end
return #due
