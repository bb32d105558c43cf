"""Every address of the site."""

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
    path("", include("education.public.urls")),
]

handler404 = "education.public.views.errors.page_not_found"
handler500 = "portal.operating.failing.failed"
