"""The database backend of a site on PostgreSQL (``settings.DATABASES``)."""
