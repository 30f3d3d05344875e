"""People core service connector for audience-gateway."""
