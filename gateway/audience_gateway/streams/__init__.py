"""Members that come in by streams: kept chunk by chunk, and read by the transfer that a stream's end makes."""
