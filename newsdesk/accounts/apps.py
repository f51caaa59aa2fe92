"""Names the accounts app for Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app's label is short: tables begin with accounts_."""

    name = "newsdesk.accounts"
    label = "accounts"
