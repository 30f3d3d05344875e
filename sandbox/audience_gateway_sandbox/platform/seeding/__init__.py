"""Sample profiles of Campaign's recipients, and what is known of them beforehand."""
