"""Backups of a store, in files that any store can be restored from. Knows no Scrapy: docs/backup.md."""
