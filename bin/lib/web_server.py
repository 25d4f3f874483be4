"""gunicorn's settings for the web process (`gunicorn -c bin/lib/web_server.py settings.wsgi:application`).

The program is loaded once and then forked: half the start-up time, and the workers share what they loaded.
"""

import gc
import os
from typing import Any

from django.db import connections
from django.urls import get_resolver

bind = f"{os.environ.get('WEB_BIND', '127.0.0.1')}:{os.environ.get('BASE_PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True
timeout = 60
graceful_timeout = 15
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
# No access log: addresses carry family tokens and voucher codes.
accesslog = None


def pre_fork(server: Any, worker: Any) -> None:
    """A worker never inherits a connection: two processes on one would read each other's answers.

    It does inherit the addresses and their views, else loaded by each at its first request, and what is there when it
    begins is out of its collector's hands: a look at it would copy its pages.
    """
    assert get_resolver().url_patterns
    connections.close_all()
    gc.collect()
    gc.freeze()
    # Rows and templates of a request go by themselves; looking for rings every 2 000 objects takes a twentieth of its time.
    gc.set_threshold(50_000, 10, 10)
