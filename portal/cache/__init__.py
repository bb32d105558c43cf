"""A shared cache of readers' pages (RFC 9111), and what tells other caches of changes."""
