"""The command line: a gRPC client of the gateway like any other, and what starts the gateway."""
