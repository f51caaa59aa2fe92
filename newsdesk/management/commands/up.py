"""`manage.py up`: run the whole desk."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from newsdesk.up import UpOptions, run_up


class Command(BaseCommand):
    """A thin door over newsdesk.up."""

    help = "Run the desk: database, broker, web, workers and beat, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--data", type=Path, default=settings.DATA_DIR, help="data folder (var)")
        parser.add_argument("--no-sample", action="store_true", help="do not serve the sample world")
        parser.add_argument(
            "--no-starter-sources", action="store_true", help="do not add the starter sources"
        )
        parser.add_argument("--services-only", action="store_true", help="run PostgreSQL and Valkey alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over."""
        run_up(
            UpOptions(
                data=options["data"].absolute(),
                host=options["host"],
                port=options["port"],
                with_sample=not options["no_sample"],
                with_starter_sources=not options["no_starter_sources"],
                services_only=options["services_only"],
                web_threads=settings.WEB_THREADS,
                fetch_processes=settings.FETCH_PROCESSES,
                text_processes=settings.TEXT_PROCESSES,
            )
        )
