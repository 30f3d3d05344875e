"""Which instance the emulator pretends to be (campaign 3.5, 3.12)."""

BUILD = 9396
INSTANCE = "sandbox"
VERSION = (7, 4, 3)
