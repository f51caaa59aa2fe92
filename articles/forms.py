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


class NoteForm(forms.Form):
    """A note on a passage. The passage is given by its words; `start` says near which place they stand."""

    quote = forms.CharField(
        label="Passage",
        max_length=4000,
        help_text="Words of the paragraph as they stand there; shorten it to what the note is about.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    body = forms.CharField(label="Note", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    tag = forms.CharField(label="Tag", max_length=40, required=False)
    start = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)


class NoteChangeForm(forms.Form):
    """New words for a note; `version` is that of the note on the page where it was opened."""

    body = forms.CharField(label="Note", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    tag = forms.CharField(label="Tag", max_length=40, required=False)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class LinkForm(forms.Form):
    """What a name in the text means."""

    surface = forms.CharField(
        label="Name in the text", max_length=300, help_text="As it stands there, such as SIA."
    )
    entity = forms.CharField(
        label="Means",
        max_length=200,
        required=False,
        help_text="A name that we know, or a ticker such as 0981.XHKG.",
    )
    why = forms.CharField(label="Reason", max_length=300, required=False)
    everywhere = forms.BooleanField(label="Everywhere in this article", required=False, initial=True)
    start = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    field = forms.CharField(max_length=5, required=False, widget=forms.HiddenInput)


class StatusForm(forms.Form):
    """How far an article is; `version` is that of the page on which it was chosen."""

    status = forms.CharField(label="Status", max_length=12)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    why = forms.CharField(label="Reason", max_length=300, required=False)


class EventStatusForm(forms.Form):
    """A status for an event, and why."""

    status = forms.CharField(max_length=20)
    why = forms.CharField(max_length=500, required=False)


class RenameForm(forms.Form):
    """A title for an event; empty gives the choice back to the desk."""

    title = forms.CharField(
        label="Title",
        max_length=1000,
        required=False,
        help_text="Empty: the desk chooses its best article’s title again.",
    )
    why = forms.CharField(label="Why", max_length=500, required=False)


class TargetForm(forms.Form):
    """Another event, by its number; empty for a new one where that is offered."""

    to = forms.IntegerField(min_value=1, required=False)
    why = forms.CharField(max_length=500, required=False)
