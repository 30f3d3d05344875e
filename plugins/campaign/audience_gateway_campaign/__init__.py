"""Adobe Campaign connector for audience-gateway."""
