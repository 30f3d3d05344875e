"""The steps, in their order. A released one is never changed."""
