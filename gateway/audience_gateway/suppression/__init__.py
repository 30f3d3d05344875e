"""The suppression list: keys of ids that are not shared, whoever asks. Imports no gRPC and no generated code."""
