"""Django's settings. What can be set from outside is in environment.py."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from tangente.web.environment import Environment
from tangente.web.locales import compiled

_environment = Environment()
_address = urlsplit(_environment.url)
_is_encrypted = _address.scheme == "https"
_proxy = _environment.is_on("TANGENTE_TRUSTED_PROXY")

DATA = _environment.data
CACHE = DATA / "cache"  # may be deleted at any time
LOGS, UPLOADS = DATA / "log", DATA / "uploads"

DEBUG = _environment.is_on("TANGENTE_DEVELOPMENT")
SECRET_KEY = _environment.secret_key
SECRET_KEY_FALLBACKS = _environment.several("TANGENTE_OLD_SECRET_KEYS")
ALLOWED_HOSTS = [_address.hostname] if _address.hostname else ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "tangente.web.apps.TangenteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "tangente.web.middleware.language_of_the_person",
    "tangente.web.middleware.keep_nothing_between",
    "tangente.web.middleware.log_the_request",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tangente.web.urls"
WSGI_APPLICATION = "tangente.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.templatetags.l10n",
                "tangente.web.tags",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tangente.web.shell.shell",
            ],
        },
    }
]

# --- database: one file by default; every acknowledged row survives a loss of power
DATABASES = {
    "default": environ.Env.db_url_config(_environment.text("DATABASE_URL") or f"sqlite:///{DATA / 'tangente.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # else a third of concurrent writes fail with "locked"
        "timeout": 10,  # then 503: nobody looks at an empty page for longer
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES["default"].setdefault("TEST", {})

CACHES = {  # throttles count in it, so all processes must see the same one
    "default": {
        "BACKEND": "tangente.web.counting.Counts",
        "LOCATION": "tangente_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # beyond it a third is dropped: nobody shall reset throttles by many keys
    }
}

# --- people
AUTH_USER_MODEL = "tangente.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "tangente.web.people.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "tangente.web.people.account_forms.SignIn",
    "reauthenticate": "tangente.web.people.account_forms.Again",
    "change_password": "tangente.web.people.account_forms.ChangePassword",
    "reset_password": "tangente.web.people.account_forms.Forgotten",
    "reset_password_from_key": "tangente.web.people.account_forms.AnotherPassword",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # else the server sends mail to whomever a stranger names
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,20/h/key"}  # by address or second factor, wherever it comes from
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _proxy else 0
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - a class
PASSWORD_RESET_TIMEOUT = 2 * 3600
MFA_FORMS = {
    "authenticate": "tangente.web.people.account_forms.Code",
    "reauthenticate": "tangente.web.people.account_forms.CodeAgain",
    "activate_totp": "tangente.web.people.account_forms.FirstCode",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Tangente"
MFA_TOTP_TOLERANCE = 1  # whoever begins to type at the end of a half minute, or whose clock is a little off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up with somebody else's address: an owner names it
MFA_ADAPTER = "tangente.web.people.adapter.MFAAdapter"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # by address alone, strangers could lock people out for good
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "tangente.web.people.sign_ins.address_tried"
AXES_CLIENT_IP_CALLABLE = "tangente.web.people.sign_ins.client_ip"
AXES_LOCKOUT_CALLABLE = "tangente.web.people.views.locked_out"
AXES_SENSITIVE_PARAMETERS = ["login", "once", "csrfmiddlewaretoken", "next"]
AXES_DISABLE_ACCESS_LOG = True  # who signed in when stands in the audit log
AXES_VERBOSE = False

# --- what travels
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _is_encrypted
SESSION_COOKIE_AGE = 14 * 86_400
CSRF_TRUSTED_ORIGINS = [_environment.url] if _is_encrypted else []
SECURE_HSTS_SECONDS = 365 * 86_400 if _is_encrypted else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # what other hosts of the domain do is not ours to say
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _proxy else None
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
MOST_UPLOAD = _environment.whole_number("TANGENTE_UPLOAD_MIB") << 20
WORKER_MIB = _environment.whole_number("TANGENTE_WORKER_MIB")
FILE_UPLOAD_TEMP_DIR = CACHE / "incoming"
FILE_UPLOAD_PERMISSIONS = 0o600
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = _environment.text("TANGENTE_MAIL_FROM")
if _environment.text("TANGENTE_MAIL_URL"):
    vars().update(environ.Env.email_url_config(_environment.text("TANGENTE_MAIL_URL")))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# --- languages
LANGUAGE_CODE = "en"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [compiled(CACHE)]
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

# --- static files: gathered when the server starts, named after their content
STATIC_URL = "static/"
STATIC_ROOT = CACHE / "static"
STATICFILES_DIRS = [("report", Path(__file__).parent.parent / "report" / "style")]  # the parts a page shares with it
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = UPLOADS
WHITENOISE_USE_FINDERS = DEBUG

LOGGING_CONFIG = "tangente.web.logs.configure"
LOGGING = {"level": _environment.text("TANGENTE_LOG_LEVEL")}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
