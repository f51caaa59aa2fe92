"""Forms about people: own settings, invitations, joining, roles."""

from __future__ import annotations

from zoneinfo import available_timezones

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password

from newsdesk.accounts.models import User

# Names that differ only in politics or age (US/Eastern, GMT0) are left out: every clock of the world remains.
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def timezone_choices() -> list[tuple[str, str]]:
    """UTC first, then the regions' cities in order."""
    names = sorted(name for name in available_timezones() if name.split("/")[0] in REGIONS)
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class SettingsForm(forms.Form):
    """What a person sets for themselves."""

    first_name = forms.CharField(label="First name", max_length=150, required=False)
    last_name = forms.CharField(label="Last name", max_length=150, required=False)
    email = forms.EmailField(label="E-mail", required=False, help_text="For signing in and for notices.")
    theme = forms.ChoiceField(label="Theme", choices=User.Theme.choices)
    density = forms.ChoiceField(label="Rows", choices=User.Density.choices)
    timezone = forms.ChoiceField(label="Time zone", choices=timezone_choices)
    single_key_shortcuts = forms.BooleanField(
        label="Single letters act as keys",
        required=False,
        help_text="j, k, /, g t and the others. Ctrl K works either way.",
    )
    fold_copies = forms.BooleanField(
        label="Fold copies in lists",
        required=False,
        help_text="Articles with the same text stand under the first of them; one click unfolds them.",
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.user = user

    def clean_email(self) -> str:
        """An address signs in one person only."""
        email: str = self.cleaned_data["email"]
        if email and User.objects.filter(email__iexact=email).exclude(pk=self.user.pk).exists():
            raise forms.ValidationError("Somebody else signs in with this address.")
        return email


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Signing in, in the desk's words; labels stand above the fields, so nothing is repeated inside them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name or e-mail"
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class InviteForm(forms.Form):
    """An admin invites one person to one role."""

    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="The link is sent there when mail is set up; else hand it over yourself.",
    )
    role = forms.ChoiceField(label="Role", choices=User.Role.choices, initial=User.Role.ANALYST)


class RoleForm(forms.Form):
    """One person's role."""

    role = forms.ChoiceField(choices=User.Role.choices)


class JoinForm(forms.Form):
    """The invited person's name and password."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        validators=[User.username_validator],
        help_text="Letters, digits and @ . + - _; you sign in with it or with your e-mail.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    first_name = forms.CharField(
        label="First name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text=password_validators_help_text_html,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        """Names differ by more than case."""
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("This name is taken. Choose another.")
        return username

    def clean(self) -> dict[str, object]:
        """The password is compared with the names beside it."""
        data: dict[str, object] = super().clean() or self.cleaned_data
        password = data.get("password")
        if isinstance(password, str):
            person = User(username=str(data.get("username", "")), first_name=str(data.get("first_name", "")))
            try:
                validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
