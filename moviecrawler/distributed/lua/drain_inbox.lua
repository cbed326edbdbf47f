-- include: clock common current
-- Queue what people have handed in ('SCORE SLOT PAYLOAD'), up to 500 at a time.
-- ARGV: generation.
-- Returns how many.
local taken = 0
while taken < 500 do
  local handed_in = redis.call('LINDEX', base .. ':inbox', 0)
  if not handed_in then break end
  local score, slot, payload = string.match(handed_in, '^(-?%d+) (%S+) (.*)$')
  if score and #score < 10 then
    enqueue(score, slot, format_entry(next_sequence(), 0, score, slot, payload))
  else
    add_dead_letter(redis.sha1hex(handed_in), 'no request', handed_in)
  end
  redis.call('LPOP', base .. ':inbox')
  taken = taken + 1
end
return taken
