"""A worker process of the jobs in kinds.py, with a lease of its own: python -m tests.web.jobs.dying_worker SECONDS"""

import signal
import sys
from importlib import import_module

import django


def main() -> None:
    """Work until a signal ends it, or a job does."""
    django.setup()
    import_module("tests.web.jobs.kinds")
    worker = import_module("tangente.web.jobs.worker").Worker(float(sys.argv[1]))
    signal.signal(signal.SIGTERM, worker.stop)
    worker.run()


if __name__ == "__main__":
    main()
