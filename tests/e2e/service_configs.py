"""How clients of several replicas are configured; the page on replicas shows the first."""

from __future__ import annotations

RETRYING = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}
"""What a client is configured with that knows several replicas."""
ONE_BY_ONE = {"loadBalancingConfig": [{"round_robin": {}}]}
"""The least that it needs: no call is made again by gRPC, so that every refusal is seen."""
