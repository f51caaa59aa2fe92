"""Users with one role each, and the one-time links by which admins invite them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q


class User(AbstractUser):
    """A person at the desk. The role is the only source of rights: Django's own flags are not used."""

    class Role(models.TextChoices):
        ANALYST = "analyst", "Analyst"
        EDITOR = "editor", "Editor"
        ADMIN = "admin", "Admin"

    class Theme(models.TextChoices):
        AUTO = "auto", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Density(models.TextChoices):
        COMPACT = "compact", "Compact"
        COMFORTABLE = "comfortable", "Comfortable"

    role = models.CharField(max_length=10, choices=Role, default=Role.ANALYST)
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.AUTO)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMPACT)
    single_key_shortcuts = models.BooleanField(default=True)
    fold_copies = models.BooleanField(default=True)  # copies stand under their origin in lists
    timezone = models.CharField(max_length=64, default="UTC")
    # For feed readers, which cannot sign in; only the sha256 of the key in their addresses is kept.
    feed_key_sha256 = models.BinaryField(max_length=32, unique=True, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["analyst", "editor", "admin"]), name="user_role_known"
            ),
        ]

    @property
    def can_edit(self) -> bool:
        """Editors and admins may change what the desk says."""
        return self.role in {self.Role.EDITOR, self.Role.ADMIN}

    @property
    def is_admin(self) -> bool:
        """Admins also manage sources and people."""
        return self.role == self.Role.ADMIN


class Invitation(models.Model):
    """A one-time link; only the sha256 of its token is kept."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=10, choices=User.Role)
    invited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="invitations_sent"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations_accepted"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
