"""The core: plan, stages, ledger and receipt of transfers. Imports no gRPC and no generated code."""
