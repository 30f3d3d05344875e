"""The Customer Data API: profiles are changed and read one by one, behind the API gateway (audience-manager 2)."""
