"""Campaign (sandbox 3, campaign 3): the SOAP router of an instance over a SQLite database."""
