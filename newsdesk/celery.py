"""The Celery application and its whole timetable: one tick. Redis carries wake-ups; PostgreSQL holds the work."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

from newsdesk import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsdesk.settings")
env.put("NEWSDESK_ROLE", "worker")

app = Celery("newsdesk")
app.conf.update(
    broker_url=settings.BROKER_URL,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    # A task that dies with its worker runs again; what it had claimed waits for the lease to run out.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # A leak in a library is gone after half an hour of ticks; a new process is a fork and costs a few milliseconds.
    worker_max_tasks_per_child=200,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=3,
    # Nobody steers workers from afar, and the channel for it is read without a limit of time (redis-py's PubSub): a link
    # that died without a word, or a socket that got its number, can wake that reader when nothing is there to be read,
    # and the worker's main process stands still for ever while its children look alive.
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    # A broker that is away for a day is no reason to give up: the work waits in the database meanwhile.
    broker_connection_max_retries=None,
    # Redelivery after a lost worker: longer than the longest task, else it would run twice.
    # A link that died without a word is dropped after brpop_timeout (1 s) and this check, and made again.
    broker_transport_options={
        "visibility_timeout": 660,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "health_check_interval": 5,
    },
    task_default_queue="fetch",
    # A queue of its own for what is small and must not wait: a task that fetches or reads takes minutes.
    task_routes={
        "poke": {"queue": "house"},
        "fetch_feeds": {"queue": "fetch"},
        "read_articles": {"queue": "text"},
        # Of its own, with one process: who places keeps all live events in memory, and no language model beside them.
        "place_articles": {"queue": "place"},
        "digest_events": {"queue": "text"},
        "link_again": {"queue": "text"},
        "look_again": {"queue": "text"},
        "tidy": {"queue": "house"},
        "measure_events": {"queue": "house"},
        "errands": {"queue": "house"},
    },
    # No soft limits: a task ends by its own deadline (articles.tasks), and an exception out of nowhere would be taken
    # for the fault of the one feed or article that is just being stored.
    task_annotations={
        "poke": {"time_limit": 60},
        "fetch_feeds": {"time_limit": settings.FETCH_TASK_SECONDS},
        "read_articles": {"time_limit": settings.READ_TASK_SECONDS},
        "place_articles": {"time_limit": settings.READ_TASK_SECONDS},
        "digest_events": {"time_limit": settings.READ_TASK_SECONDS},
        "link_again": {"time_limit": settings.READ_TASK_SECONDS},
        "look_again": {"time_limit": settings.READ_TASK_SECONDS},
        "tidy": {"time_limit": 300},
        "measure_events": {"time_limit": 120},
        "errands": {"time_limit": 120},
    },
    timezone="UTC",
    beat_scheduler="articles.tasks:NotedScheduler",
    beat_schedule={
        "poke": {
            "task": "poke",
            "schedule": settings.POKE_SECONDS,
            "options": {"expires": max(1, settings.POKE_SECONDS - 1)},
        }
    },
)
app.autodiscover_tasks(["articles"])
