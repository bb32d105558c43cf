"""The entry point of the web server."""

from django.core.wsgi import get_wsgi_application

from benchmarks.beside.counted import counted

application = counted(get_wsgi_application())
