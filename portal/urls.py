"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("clinic/", include("education.clinics.urls")),
    path("", include("education.connect.urls")),
    path("", include("education.public.urls")),
]

handler404 = "education.public.views.errors.page_not_found"
