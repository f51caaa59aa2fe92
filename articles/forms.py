"""Forms of the articles' rooms; they check shape and leave meaning to the acts."""

from __future__ import annotations

from django import forms

OPML_MAX_BYTES = 1024 * 1024


class AddressForm(forms.Form):
    """Where a new source is: a feed, or a site whose feed is to be found."""

    address = forms.CharField(
        label="Address of a feed or a site",
        max_length=2000,
        help_text="RSS, Atom or JSON Feed; on a site’s page the feed is looked for.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )


class SourceForm(forms.Form):
    """What a person decides about a source."""

    url = forms.CharField(
        label="Feed address",
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    title = forms.CharField(label="Name of the source", max_length=300)
    publisher = forms.CharField(
        label="Publisher",
        max_length=200,
        help_text="The masthead. Sources of one publisher count as one voice.",
    )
    section = forms.CharField(label="Section", max_length=60, required=False)
    language = forms.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        label="Language",
        max_length=16,
        required=False,
        help_text="Such as en or zh; empty means: what each article says.",
        error_messages={"invalid": "Write a language tag such as en, de or zh-Hant."},
    )


class OpmlForm(forms.Form):
    """A list of feeds as other readers export it."""

    file = forms.FileField(
        label="OPML file",
        help_text="Up to 1 MB and 2,000 feeds. You see what would be added before anything is stored.",
        widget=forms.ClearableFileInput(attrs={"accept": ".opml,.xml,text/x-opml,application/xml"}),
    )

    def clean_file(self) -> object:
        """Small enough to be looked at at once."""
        file = self.cleaned_data["file"]
        if file.size > OPML_MAX_BYTES:
            raise forms.ValidationError("The file is larger than 1 MB. Split it, or export fewer feeds.")
        return file


class OpmlTextForm(forms.Form):
    """The list again, as the dry run showed it."""

    opml = forms.CharField(widget=forms.HiddenInput, max_length=OPML_MAX_BYTES * 2)
