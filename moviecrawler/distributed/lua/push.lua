-- include: clock common current
-- Queue requests, but for those whose dedup key has been seen.
-- ARGV: generation, then (dedup key or '', slot, score, delay in seconds, payload) per request.
-- Returns how many had been seen.
local seen = 0
for i = 2, #ARGV, 5 do
  local dedup_key, slot, score, delay, payload = unpack(ARGV, i, i + 4)
  if dedup_key ~= '' and redis.call('SISMEMBER', crawl .. 'seen', dedup_key) == 1 then
    seen = seen + 1
  else
    local entry = format_entry(next_sequence(), 0, score, slot, payload)
    if tonumber(delay) > 0 then
      redis.call('ZADD', crawl .. 'delayed', now + delay, entry)
    else
      enqueue(score, slot, entry)
    end
    if dedup_key ~= '' then redis.call('SADD', crawl .. 'seen', dedup_key) end
  end
end
return seen
