"""Makes the editors' desk the site's admin."""

from django.contrib.admin.apps import AdminConfig


class AdminSiteConfig(AdminConfig):
    """Django's admin, with our own first page."""

    default_site = "portal.admin_site.EditorialAdminSite"
