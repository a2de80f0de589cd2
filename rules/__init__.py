"""The law as data: template editions, rule packs, the Filing they are asked about, and their verdicts."""
