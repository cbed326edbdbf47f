-- include: clock common current
-- A worker gives leased requests back, at once; after too many deliveries they become dead letters.
-- ARGV: generation, worker, deliveries to forget (0 or 1), most deliveries, reason, ids.
-- Returns {queued, dead}.
local queued, dead = 0, 0
for i = 6, #ARGV do
  local worker, entry = parse_lease(redis.call('HGET', crawl .. 'leased', ARGV[i]) or '')
  if worker == ARGV[2] then
    local sequence, deliveries, score, slot, payload = parse_entry(entry)
    local counted = sequence and deliveries - ARGV[3]
    if not sequence or counted >= tonumber(ARGV[4]) then
      add_dead_letter(ARGV[i], sequence and ARGV[5] or OTHER_VERSION, entry)
      dead = dead + 1
    else
      enqueue(score, slot, format_entry(sequence, string.format('%d', counted), score, slot, payload))
      queued = queued + 1
    end
    redis.call('ZREM', crawl .. 'leases', ARGV[i])
    redis.call('HDEL', crawl .. 'leased', ARGV[i])
  end
end
return {queued, dead}
