"""Generated from the protos of this package; see `make proto`."""
