"""Every address of the site."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from portal.operating import views as operating

urlpatterns = [
    path("admin/", admin.site.urls),
    path("health/live", operating.live, name="live"),
    path("health/ready", operating.ready, name="ready"),
    path("metrics", operating.metrics, name="metrics"),
    path("clinic/", include("education.clinics.urls")),
    path("", include("education.connect.urls")),
    path("", include("education.public.root_urls")),
    # English has the addresses without a language; the others begin with theirs.
    *i18n_patterns(path("", include("education.public.urls")), prefix_default_language=False),
]

handler404 = "education.public.views.errors.page_not_found"
handler500 = "portal.operating.failing.failed"
