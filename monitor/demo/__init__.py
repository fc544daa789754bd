"""A small invented news world on loopback: one agency-like site and four that republish it."""
