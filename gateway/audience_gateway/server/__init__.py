"""The process: settings, interceptors, health, reflection, drain. Everything that speaks gRPC but is not the API."""
