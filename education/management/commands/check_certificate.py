"""Look when the site's certificate ends."""

import datetime
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from education.management.scheduled_command import ScheduledCommand

# Let's Encrypt renews with 30 days left: below this renewing has failed for a fortnight.
LEAST_LEFT = datetime.timedelta(days=14)
SECONDS = 10


class Command(ScheduledCommand):
    """Ask the public address as a browser does: whether its certificate is valid, and how long."""

    help = "Say when the certificate of SITE_URL ends; exit 1 when that is soon or it is not valid."
    late_after = datetime.timedelta(days=2)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask once."""
        address = urlsplit(settings.SITE_URL)
        if address.scheme != "https":
            self.stdout.write(f"{settings.SITE_URL} has no certificate.")
            return
        host, port = address.hostname or "", address.port or 443
        context = ssl.create_default_context()
        try:
            with (
                socket.create_connection((host, port), timeout=SECONDS) as connection,
                context.wrap_socket(connection, server_hostname=host) as secure,
            ):
                certificate = secure.getpeercert() or {}
        except ssl.SSLCertVerificationError as error:
            raise CommandError(f"The certificate of {host}: {error.verify_message}.") from error
        except OSError as error:
            raise CommandError(f"{host} does not answer: {error}.") from error
        ends = datetime.datetime.fromtimestamp(
            ssl.cert_time_to_seconds(str(certificate["notAfter"])), datetime.UTC
        )
        left = ends - timezone.now()
        message = f"The certificate of {host} ends {ends:%Y-%m-%d}, in {left.days} days."
        if left < LEAST_LEFT:
            raise CommandError(f"{message} It should have been renewed: certbot renew.")
        self.stdout.write(message)
