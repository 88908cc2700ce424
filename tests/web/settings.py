"""The application's settings for tests: a data folder of their own, quick passwords, nothing that remembers a test before.

The database is SQLite; `make on-postgres` names another one by DATABASE_URL, beside which Django makes one for the tests.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="tangente-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["TANGENTE_DATA"] = _folder
os.environ.setdefault("TANGENTE_LOG_LEVEL", "ERROR")

from tangente.web.settings import *  # noqa: E402, F403
from tangente.web.settings import DATABASES, STORAGES  # noqa: E402

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # a file as in earnest: threads and processes share it
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}
