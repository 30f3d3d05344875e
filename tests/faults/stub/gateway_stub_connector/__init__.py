"""A connector for the stub, as a third party would write it."""
