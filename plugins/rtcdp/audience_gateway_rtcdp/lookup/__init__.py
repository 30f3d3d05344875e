"""Members among few people, each of whom is asked about."""
