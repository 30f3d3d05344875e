"""Adobe IMS access tokens for audience-gateway."""
