"""Forms for what people say of entities; they check shape and leave meaning to the acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from articles.editing.entities import AliasDraft, EntityDraft
from articles.forms import CountryField
from entities.identifiers import SCHEMES
from entities.models import Alias, Entity

WHY = "Why"


class EntityForm(forms.Form):
    """The facts of an entity; `seen` is when it was changed last, as the page showed it."""

    name = forms.CharField(label="Name", max_length=200)
    kind = forms.ChoiceField(label="Kind", choices=Entity.Kind.choices)
    country = CountryField(label="Country", help_text="Two letters, such as HK.")
    description = forms.CharField(
        label="Description", max_length=300, required=False, help_text="What it is, in a few words."
    )
    wikidata_id = forms.CharField(
        label="Wikidata item", max_length=20, required=False, help_text="Q and digits, such as Q95."
    )
    source = forms.CharField(
        label="Source",
        max_length=120,
        required=False,
        help_text="What you read it in, with its place; empty: it is shown as not verified.",
    )
    why = forms.CharField(label=WHY, max_length=1000, required=False)
    seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean_seen(self) -> datetime | None:
        """The moment, or None for a form that does not say."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError as error:
            raise forms.ValidationError("The form did not arrive whole. Open the page again.") from error

    def draft(self) -> EntityDraft:
        """The entity that a sound form describes."""
        data = self.cleaned_data
        return EntityDraft(
            kind=data["kind"],
            name=data["name"],
            country=data["country"].upper(),
            description=data["description"],
            wikidata_id=data["wikidata_id"].strip().upper(),
            source=data["source"],
        )


class AliasForm(forms.Form):
    """Another name of an entity."""

    text = forms.CharField(label="Name", max_length=200, help_text="As articles write it.")
    kind = forms.ChoiceField(label="Kind", choices=Alias.Kind.choices, initial=Alias.Kind.SHORT)
    weak = forms.BooleanField(
        label="Weak: it links only beside other evidence",
        required=False,
        help_text="A name of ordinary words is weak in any case.",
    )
    lang = forms.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z]{2,4})?$",
        label="Language",
        required=False,
        help_text="Such as zh or zh-Hant; empty for all.",
        error_messages={"invalid": "Write a language as two or three letters, such as zh."},
    )
    source = forms.CharField(label="Source", max_length=120, required=False)

    def draft(self) -> AliasDraft:
        """The name that a sound form describes."""
        data = self.cleaned_data
        return AliasDraft(data["text"], data["kind"], True if data["weak"] else None, data["lang"])


class IdentifierForm(forms.Form):
    """An identifier in a public scheme."""

    scheme = forms.ChoiceField(
        label="Scheme", choices=tuple((code, scheme.name) for code, scheme in SCHEMES.items())
    )
    value = forms.CharField(
        label="Identifier",
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    source = forms.CharField(label="Source", max_length=120, required=False)


class PartForm(forms.Form):
    """A row of an entity, by its number, and what is to become of it."""

    row = forms.IntegerField(min_value=1)
    to = forms.CharField(max_length=10, required=False)
    on = forms.DateField(required=False, error_messages={"invalid": "Write a day as 2026-03-31."})
    until = forms.CharField(max_length=10, required=False)


class MergeForm(forms.Form):
    """Another entity and what one says of the two."""

    other = forms.IntegerField(min_value=1)
    verdict = forms.ChoiceField(choices=(("same", "same"), ("not_same", "not_same")))
    keep = forms.ChoiceField(choices=(("this", "this"), ("other", "other")), required=False)
    why = forms.CharField(label=WHY, max_length=1000, required=False)


def errors_of(form: forms.Form) -> str:
    """What is wrong with a form, in one line, for pages that do not show it again."""
    errors: Any = form.errors
    return (
        " ".join(str(error) for field in errors.values() for error in field)
        or "The form did not arrive whole."
    )
