-- What a crawl needs: scripts that read the server's clock and write.
-- KEYS: any key of ours.
redis.call('TIME')
return redis.call('SET', KEYS[1], '', 'PX', 1000)
