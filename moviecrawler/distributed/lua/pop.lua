-- include: clock common current
-- Lease requests to a worker, and acknowledge what it has done: one round trip per request.
-- ARGV: generation, worker, lease in seconds, limit, suspects that it may have (0 or 1), number of ids, ids that are
-- done, then (slot, limit of that slot) in the order of preference.
-- A suspect was leased by a worker that was lost. A worker holds one of them at a time, so that a request that kills its
-- workers does not take the same others along each time.
-- Returns entries.
local popped, left, suspects, done = {}, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if done > 0 then
  redis.call('ZREM', crawl .. 'leases', unpack(ARGV, 7, 6 + done))
  redis.call('HDEL', crawl .. 'leased', unpack(ARGV, 7, 6 + done))
end
for i = 7 + done, #ARGV, 2 do
  if left < 1 then break end
  local queue, taken = crawl .. 'queue:' .. ARGV[i], 0
  for _, first in ipairs(redis.call('ZRANGE', queue, 0, math.min(left, ARGV[i + 1]) - 1)) do
    local sequence, deliveries, score, slot, payload = parse_entry(first)
    local suspect = sequence and tonumber(deliveries) > 0
    if suspect and suspects < 1 then break end
    if sequence then
      if suspect then suspects = suspects - 1 end
      local entry = format_entry(sequence, deliveries + 1, score, slot, payload)
      redis.call('ZADD', crawl .. 'leases', now + ARGV[3], sequence)
      redis.call('HSET', crawl .. 'leased', sequence, ARGV[2] .. ' ' .. entry)
      popped[#popped + 1] = entry
      left = left - 1
    else
      add_dead_letter(redis.sha1hex(first), OTHER_VERSION, first)
    end
    taken = taken + 1
  end
  if taken > 0 then redis.call('ZREMRANGEBYRANK', queue, 0, taken - 1) end
end
return popped
