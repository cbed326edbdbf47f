"""What happens to a crawl's queue in Redis, each step in one script: nothing is ever half done, or in two places."""
