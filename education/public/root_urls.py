"""What programs look for at the root of a site, in one language or none."""

from django.urls import path

from education.public.views import machines

urlpatterns = [
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
]
