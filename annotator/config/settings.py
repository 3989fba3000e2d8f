"""Django settings; every value that differs between installations comes from the environment."""

from __future__ import annotations

import os
import sys

from csp.constants import NONE, SELF

from annotator.config import env as environment
from annotator.config.answers import ABOUT, COMPONENTS, TAGS
from annotator.config.env import ROOT, env
from annotator.config.refusals import Start, refuse_if_unsafe
from annotator.config.serving import Serving, listening_host

HOME = environment.home()
IS_EMBEDDED = environment.is_embedded()
DEBUG = env.bool("RELATA_DEBUG", default=False)
ALLOWED_HOSTS = env.list("RELATA_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("RELATA_TRUSTED_ORIGINS", default=[])
IS_BEHIND_TLS = env.bool("RELATA_TLS", default=False)
SERVING = Serving(listening_host(sys.argv, os.environ), IS_BEHIND_TLS)
ADMIN_ENABLED = env.bool("RELATA_ADMIN", default=IS_EMBEDDED and not SERVING.is_for_others)
METRICS_TOKEN = env.str("RELATA_METRICS_TOKEN", default="")
REQUIRE_TOTP = env.bool("RELATA_REQUIRE_TOTP", default=False)
# The second three are for pages that others reach; a program on this machine may be in a hurry.
RATES = {
    "login": env.str("RELATA_LOGIN_RATE", default="10/min"),
    "save": env.str("RELATA_SAVE_RATE", default="1200/min" if SERVING.is_for_others else "none"),
    "import": env.str("RELATA_IMPORT_RATE", default="60/h" if SERVING.is_for_others else "none"),
    "export": env.str("RELATA_EXPORT_RATE", default="120/h" if SERVING.is_for_others else "none"),
}

refuse_if_unsafe(
    Start(
        serving=SERVING,
        home=HOME,
        given_key=environment.given_key(),
        is_debug=DEBUG,
        is_embedded=IS_EMBEDDED,
        has_admin=ADMIN_ENABLED,
        has_second_factor=REQUIRE_TOTP,
        hosts=ALLOWED_HOSTS,
        origins=CSRF_TRUSTED_ORIGINS,
        rates=RATES,
        variables=os.environ,
    ),
    command=environment.command(),
)
SECRET_KEY = environment.secret_key()

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "annotator.core",
    "annotator.accounts",
    "annotator.projects",
    "annotator.corpus",
    "annotator.labelling",
    "annotator.learning",
    "annotator.exchange",
    "annotator.knowledge",
    "annotator.live",
    "annotator.config",
]

MIDDLEWARE = [
    "annotator.core.metrics.MetricsMiddleware",
    "annotator.config.headers.HeadersMiddleware",
    "annotator.core.middleware.OriginMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "annotator.accounts.sessions.IdleSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "annotator.core.middleware.ParametersMiddleware",
]

ROOT_URLCONF = "annotator.config.urls"
ASGI_APPLICATION = "annotator.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": env.db_url_config(environment.database_url())}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The web process sets a limit (asgi.py); a worker may take as long as an import takes. Who does
# nothing for a minute inside of a transaction is gone, and holds locks.
STATEMENT_SECONDS = env.int("RELATA_STATEMENT_SECONDS", default=0)
DATABASES["default"].setdefault("OPTIONS", {}).update(
    application_name="relata",
    options=f"-c statement_timeout={STATEMENT_SECONDS}s -c idle_in_transaction_session_timeout=60s",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.redis_url()
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # Without socket_timeout None an idle websocket dies after about five seconds.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}

CELERY_BROKER_URL = environment.celery_broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the job row, not the message, survives a killed worker
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "io"
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2}

# A worker that stays silent for so long is given up for dead and its jobs go to others.
LEASE_SECONDS = env.float("RELATA_LEASE_SECONDS", default=45.0)

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
MANAGES_SOMETHING = "annotator.projects.access.manages_something"  # accounts knows no projects
OIDC = {
    "issuer": env.str("RELATA_OIDC_ISSUER", default=""),
    "client_id": env.str("RELATA_OIDC_CLIENT_ID", default=""),
    "client_secret": env.str("RELATA_OIDC_CLIENT_SECRET", default=""),
    "name": env.str("RELATA_OIDC_NAME", default="OpenID"),
    "create": env.bool("RELATA_OIDC_CREATE", default=True),
}
LOGIN_URL = "/login"
# A browser keeps a name with __Host- only if the cookie is secure, of this host and for all paths.
COOKIE_PREFIX = "__Host-" if IS_BEHIND_TLS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "annotator.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # the end of a day's work, whatever is done
SESSION_IDLE_SECONDS = 60 * env.int("RELATA_IDLE_MINUTES", default=30)
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_BEHIND_TLS
CSRF_COOKIE_SECURE = IS_BEHIND_TLS
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_HSTS_SECONDS = 31536000 if IS_BEHIND_TLS else 0
SECURE_SSL_REDIRECT = IS_BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [
    r"^healthz$",
    r"^readyz$",
    r"^metrics$",
]  # asked from beside, not through the proxy
if IS_BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Subdomains of the host and browsers' built-in lists are the hospital's to promise, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],  # no script may make a policy that lets text become HTML
    }
}

MAX_SAVE_BYTES = 1_000_000
# What the model says, for an export's side file: exchange may not import learning.
EXPORT_SUGGESTED = "annotator.learning.selectors.suggested.suggested_graphs"
MAX_UPLOAD_BYTES = env.int("RELATA_MAX_UPLOAD_BYTES", default=2_000_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_FOLDER = HOME / "uploads"
MODEL_FOLDER = HOME / "models"
MODEL_STORE = env.str("RELATA_MODEL_STORE", default="").rstrip("/")  # s3://…; "": the folder above
MODEL_CACHE_FOLDER = HOME / "model-cache"
MODEL_CACHE_BYTES = env.int("RELATA_MODEL_CACHE_BYTES", default=20_000_000_000)
MIN_FREE_BYTES = env.int("RELATA_MIN_FREE_BYTES", default=None)  # None: annotator.core.room
ENCODER_FOLDER = HOME / "encoders"
WORK_FOLDER = HOME / "work"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotator.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["annotator.core.nobody.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotator.core.http.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "annotator.config.describing.Described",
    "DEFAULT_METADATA_CLASS": None,  # the schema describes the API; OPTIONS tells nobody anything
    "EXCEPTION_HANDLER": "annotator.core.http.answer_error",
    "NUM_PROXIES": 1 if IS_BEHIND_TLS else 0,  # whose word on an address is believed
    "UNICODE_JSON": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Relata",
    "VERSION": "1",
    "DESCRIPTION": ABOUT,
    "TAGS": TAGS,
    "APPEND_COMPONENTS": COMPONENTS,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],  # it describes, it holds nothing
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "SentenceState": "annotator.corpus.states.SentenceState",
        "RunState": "annotator.learning.states.RunState",
        "VersionState": "annotator.learning.states.VersionState",
        "ImportState": "annotator.exchange.states.ImportState",
        "Split": "annotator.corpus.states.Split",
        "SplitPolicy": "annotator.exchange.states.SplitPolicy",
        "LabelPolicy": "annotator.exchange.states.LabelPolicy",
        "LabelState": "annotator.learning.states.LabelState",
        "SpeedEnum": "annotator.projects.models.Speed",
        "ChangeKind": ["rename", "merge", "split", "reverse"],
        "LabelKind": ["entity", "relation"],
    },
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
}

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
FRONTEND_FOLDER = ROOT / "frontend" / "dist"
STATICFILES_DIRS = [("app", FRONTEND_FOLDER)] if FRONTEND_FOLDER.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/app/assets/.+-[0-9A-Za-z_-]{8}\..+$"

# Records carry ids and codes, never the text of a sentence.
LOG_FORMAT = env.str("RELATA_LOG_FORMAT", default="").strip().lower() or "line"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "annotator.core.logs.TextFreeFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"class": "annotator.core.logs.JsonFormatter"},
    },
    "filters": {"without_words": {"()": "annotator.core.logs.WithoutWords"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["without_words"],
        }
    },
    "loggers": {  # these two programs bring handlers of their own
        name: {"handlers": [], "propagate": True} for name in ("uvicorn", "uvicorn.error", "celery")
    }
    | {
        # An address can hold what was searched for. `--no-access-log` alone is undone by the above.
        "uvicorn.access": {"handlers": [], "propagate": False},
        "botocore": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("RELATA_LOG_LEVEL", default="INFO")},
}
