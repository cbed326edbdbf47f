"""What the store's file needs: SQLite's; a server of MongoDB does all that by itself."""

from moviecrawler.maintain.work import Gain, NotDone, Work

WORTH_IT = 0.05
"""Share of the store that must be free before it is written anew."""


async def check_integrity(work: Work) -> Gain:
    if (upkeep := work.store.upkeep) and (defects := await upkeep.defects()):
        more = f" and {len(defects) - 1} more" if len(defects) > 1 else ""
        raise NotDone(f"{work.store.describe} is damaged ({defects[0]}{more}): restore a backup: scrapy restore latest")
    return Gain()


async def analyze(work: Work) -> Gain:
    if (upkeep := work.store.upkeep) and not work.dry_run:
        await upkeep.analyze()
    return Gain()


async def vacuum(work: Work) -> Gain:
    if (upkeep := work.store.upkeep) is None:
        return Gain()
    before, free = (await work.store.usage()).bytes, await upkeep.free_bytes()
    if free < WORTH_IT * before:
        return Gain()
    if work.dry_run:
        return Gain(bytes=free)
    await upkeep.vacuum()
    return Gain(bytes=max(before - (await work.store.usage()).bytes, 0))
