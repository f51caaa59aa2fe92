"""The door that the web server opens."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from newsdesk import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsdesk.settings")
env.put("NEWSDESK_ROLE", "web")
application = get_wsgi_application()
if settings.SECRET_KEY == settings.NO_SECRET_KEY:
    raise ImproperlyConfigured(
        "NEWSDESK_SECRET_KEY is not set and the data folder has none: run `manage.py up`."
    )
