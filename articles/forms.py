"""Forms of the articles' rooms; they check shape and leave meaning to the acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from articles.editing.entities import AliasDraft, EntityDraft
from articles.editing.page_rules import RulesDraft, problems_of
from articles.ingest.credentials import HEADER, NAMES, find_fault
from articles.queries.chips import KIND_WORDS
from articles.types import SELECTOR_PARTS

LIST_MAX_BYTES = 1024 * 1024


class WriteOnlyInput(forms.TextInput):
    """A field whose value goes in and never comes out again, not even after a mistake elsewhere in the form."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})

    def format_value(self, value: object) -> None:
        """Nothing, whatever was typed."""


class WriteOnlyPassword(WriteOnlyInput):
    """The same, with dots for what is typed."""

    input_type = "password"

    def __init__(self) -> None:
        super().__init__()
        self.attrs["autocomplete"] = "new-password"


class WriteOnlyText(forms.Textarea):
    """The same with several lines."""

    def __init__(self) -> None:
        super().__init__(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"})

    def format_value(self, value: object) -> None:
        """Nothing, whatever was typed."""


class SecretsForm(forms.Form):
    """What is sent along with a request. Each is written only; an empty field leaves what is set as it is.

    `kept` names what was typed before in this form and is held sealed meanwhile.
    """

    username = forms.CharField(
        label="User name", max_length=200, required=False, strip=False, widget=WriteOnlyInput
    )
    password = forms.CharField(
        label="Password", max_length=1000, required=False, strip=False, widget=WriteOnlyPassword
    )
    cookie = forms.CharField(
        label="Cookie",
        max_length=4000,
        required=False,
        help_text="Such as session=abc; edition=asia",
        widget=WriteOnlyInput,
    )
    headers = forms.CharField(
        label="Further headers",
        max_length=20_000,
        required=False,
        help_text="One a line, such as X-Api-Key: abc",
        widget=WriteOnlyText,
    )
    proxy = forms.CharField(
        label="Proxy",
        max_length=1000,
        required=False,
        help_text="http://user:password@host:port; this source alone goes through it.",
        widget=WriteOnlyInput,
    )
    clear = forms.MultipleChoiceField(
        label="Clear", required=False, choices=(), widget=forms.CheckboxSelectMultiple
    )
    kept = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, names: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["clear"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(name, name.removeprefix(HEADER)) for name in names]

    def clean_headers(self) -> dict[str, str]:
        """The headers by name. A line without a colon is named by its number, never repeated."""
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["headers"].splitlines(), 1):
            if not line.strip():
                continue
            name, colon, value = line.partition(":")
            if not colon or not name.strip():
                raise forms.ValidationError(f"Line {number} has no colon: write a header like Name: value.")
            found[HEADER + name.strip()] = value.strip()
        return found

    def clean(self) -> dict[str, Any]:
        """Each value can be sent as it is; the fault stands by its field."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in self.typed().items():
            fault = find_fault(name, value)
            if fault:
                self.add_error("headers" if name.startswith(HEADER) else name, fault)
        return cleaned

    def typed(self) -> dict[str, str]:
        """What was typed this time, by the names under which it is kept."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in NAMES if cleaned.get(name)}
        headers = cleaned.get("headers")
        return values | (headers if isinstance(headers, dict) else {})


USER_AGENT_HELP = "How we name ourselves to this source alone; empty means: as to all others."


class AddressForm(SecretsForm):
    """Where a new source is: a feed, or a site whose feed is to be found; and how it is asked."""

    address = forms.CharField(
        label="Address of a feed or a site",
        max_length=2000,
        help_text="RSS, Atom or JSON Feed; on a site’s page the feed is looked for.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    user_agent = forms.CharField(
        label="User-Agent", max_length=300, required=False, help_text=USER_AGENT_HELP
    )


class SelectorsField(forms.CharField):
    """CSS selectors, one a line; what is wrong with them is told by the form."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        attrs = {"rows": rows, "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
        super().__init__(required=False, widget=forms.Textarea(attrs=attrs), **kwargs)


class PageRulesForm(forms.Form):
    """How the pages of a publisher are read, and the page on which that is tried."""

    keep = SelectorsField(
        rows=2,
        label="Keep",
        help_text="The text is what these match, and nothing else. Such as div.story-body",
    )
    remove = SelectorsField(
        rows=2, label="Remove", help_text="Taken out before anything is looked for. Such as .advert or aside"
    )
    title = SelectorsField(rows=1, label="Title", help_text="The first that says something counts.")
    date = SelectorsField(
        rows=1, label="Date", help_text="Of its attributes or its words, such as time.published"
    )
    author = SelectorsField(
        rows=1, label="Authors", help_text="Names of people; “By” and “and” are understood."
    )
    article = forms.IntegerField(label="Article", required=False, widget=forms.Select)
    address = forms.CharField(
        label="Or the address of another of its pages",
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, articles: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["article"].widget
        if isinstance(widget, forms.Select):
            widget.choices = [(one.id, one.title) for one in articles]

    def texts(self) -> dict[str, str]:
        """The selectors as they were typed, by part, right or wrong."""
        return {part: str(self.data.get(part, "")) for part in SELECTOR_PARTS}

    def clean(self) -> dict[str, Any]:
        """Each part's selectors can be used; what is wrong stands by its field."""
        cleaned = super().clean() or self.cleaned_data
        for part, problems in problems_of(RulesDraft(**self.texts())).items():
            for problem in problems:
                self.add_error(part, problem)
        return cleaned


class ReadAgainForm(forms.Form):
    """How many of a publisher's newest articles are read again."""

    count = forms.IntegerField(min_value=1)


class LanguageField(forms.RegexField):
    """A language tag, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
            max_length=16,
            required=False,
            error_messages={"invalid": "Write a language tag such as en, de or zh-Hant."},
            **kwargs,
        )


class CountryField(forms.RegexField):
    """Two letters (ISO 3166-1), or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"^[A-Za-z]{2}$",
            max_length=2,
            required=False,
            error_messages={"invalid": "Write the two letters of the country, such as HK."},
            **kwargs,
        )


class SourceForm(SecretsForm):
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
    language = LanguageField(
        label="Language", help_text="Such as en or zh; empty means: what each article says."
    )
    tags = forms.CharField(
        label="Tags", max_length=820, required=False, help_text="Parted by commas, such as asia, chips"
    )
    fixed_minutes = forms.IntegerField(
        label="Interval in minutes",
        required=False,
        help_text="Empty means: learned from what it brings. Never sooner than the feed itself allows.",
    )
    user_agent = forms.CharField(
        label="User-Agent", max_length=300, required=False, help_text=USER_AGENT_HELP
    )
    note = forms.CharField(
        label="Note",
        max_length=4000,
        required=False,
        help_text="For the next admin.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    owner = forms.CharField(
        label="Owner of a new publisher",
        max_length=200,
        required=False,
        help_text="Publishers of one owner are not independent of each other.",
    )
    country = CountryField(label="Country of a new publisher", help_text="Two letters, such as HK.")
    publisher_language = LanguageField(label="Language of a new publisher")

    def clean_fixed_minutes(self) -> int | None:
        """Between the bounds of the schedule, which the page about our fetcher promises to servers."""
        minutes: int | None = self.cleaned_data["fixed_minutes"]
        if minutes is None:
            return None
        least, most = settings.FEED_LEAST_MINUTES, settings.FEED_MOST_MINUTES
        if not least <= minutes <= most:
            raise forms.ValidationError(
                f"Write {least:,} to {most:,} minutes: no source is asked more often, nor less often, than that."
            )
        return minutes

    def clean_user_agent(self) -> str:
        """What can be sent as a header."""
        value = str(self.cleaned_data["user_agent"]).strip()
        if value and not (value.isascii() and value.isprintable()):
            raise forms.ValidationError("Write it in printable ASCII characters.")
        return value

    def draft_values(self) -> dict[str, Any]:
        """What a SourceDraft takes."""
        cleaned = self.cleaned_data
        names = ("url", "title", "publisher", "section", "language", "note", "fixed_minutes", "user_agent")
        values = {name: cleaned[name] for name in (*names, "owner", "country", "publisher_language")}
        return {**values, "tags": tuple(part for part in cleaned["tags"].split(",") if part.strip())}


class PublisherForm(forms.Form):
    """What a person decides about a publisher."""

    name = forms.CharField(label="Name", max_length=200)
    owner = forms.CharField(
        label="Owner",
        max_length=200,
        required=False,
        help_text="Publishers of one owner are not independent of each other; empty means: its own.",
    )
    country = CountryField(label="Country", help_text="Two letters, such as HK.")
    language = LanguageField(label="Language", help_text="For sources that have none of their own.")
    homepage = forms.URLField(
        label="Home page",
        max_length=2000,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Write an address like https://example.org/."},
    )


class BulkForm(forms.Form):
    """What is to be done with many sources: those that are ticked, or all that the filter finds."""

    act = forms.CharField(label="What to do", max_length=12)
    value = forms.CharField(label="Value", max_length=820, required=False)
    whole = forms.BooleanField(required=False)  # all of the filter
    filter = forms.CharField(max_length=2000, required=False)
    chosen = forms.CharField(max_length=200_000, required=False)  # of the second step: "1,2,3"


class ListForm(forms.Form):
    """A list of feeds as other readers export it, or as the desk does."""

    file = forms.FileField(
        label="OPML or JSON file",
        help_text="Up to 1 MB and 2,000 feeds. You see what would be added before anything is stored.",
        widget=forms.ClearableFileInput(
            attrs={"accept": ".opml,.xml,.json,text/x-opml,application/xml,application/json"}
        ),
    )

    def clean_file(self) -> object:
        """Small enough to be looked at at once."""
        file = self.cleaned_data["file"]
        if file.size > LIST_MAX_BYTES:
            raise forms.ValidationError("The file is larger than 1 MB. Split it, or export fewer feeds.")
        return file


class ListTextForm(forms.Form):
    """The list again, as the dry run showed it."""

    packed = forms.CharField(widget=forms.HiddenInput, max_length=LIST_MAX_BYTES * 2)


class PasswordAgainForm(forms.Form):
    """One's own password, once more, before secrets leave the desk."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


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


class EventTypeForm(forms.Form):
    """A type for an event, and why; empty gives the choice back to the desk."""

    type = forms.CharField(max_length=20, required=False)
    why = forms.CharField(max_length=500, required=False)


class StorylineForm(forms.Form):
    """What a person says of a link between two events, and why."""

    status = forms.CharField(max_length=10)
    why = forms.CharField(max_length=500, required=False)


class ApartForm(forms.Form):
    """The event, or the article, that does not belong to this event, and why."""

    to = forms.IntegerField(min_value=1, required=False)
    article = forms.IntegerField(min_value=1, required=False)
    why = forms.CharField(max_length=500, required=False)


class WhyForm(forms.Form):
    """Why a decision was taken; may stay empty."""

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


class NewEntityForm(forms.Form):
    """Who an unknown name is; short on purpose, all else is edited on the entity's page."""

    kind = forms.ChoiceField(label="Kind", choices=tuple(KIND_WORDS.items()))
    name = forms.CharField(label="Name", max_length=200)
    country = CountryField(label="Country", help_text="Two letters, such as HK.")
    description = forms.CharField(label="Description", max_length=300, required=False)
    aliases = forms.CharField(
        label="Other names",
        max_length=4000,
        required=False,
        help_text="One a line, as articles write them.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.CharField(
        label="Source",
        max_length=120,
        required=False,
        help_text="What you read it in; empty: it is shown as not verified.",
    )
    is_namesake = forms.BooleanField(label="It is not the one that we know by this name", required=False)

    def draft(self) -> EntityDraft:
        """The entity that a sound form describes."""
        data = self.cleaned_data
        return EntityDraft(
            kind=data["kind"],
            name=data["name"],
            country=data["country"].upper(),
            description=data["description"],
            aliases=tuple(AliasDraft(line.strip()) for line in data["aliases"].splitlines() if line.strip()),
            source=data["source"],
            is_namesake=data["is_namesake"],
        )


class LinkRuleForm(forms.Form):
    """A correction of a name that is to hold in more than one article."""

    surface = forms.CharField(
        label="Name in texts", max_length=300, help_text="As it stands there, such as SIA."
    )
    entity = forms.CharField(
        label="Means",
        max_length=200,
        required=False,
        help_text="A name that we know, or a ticker such as 0981.XHKG.",
    )
    nothing = forms.BooleanField(label="Nobody that we follow", required=False)
    scope = forms.ChoiceField(
        label="Where",
        required=False,
        choices=(
            ("everywhere", "In every article"),
            ("publisher", "Only in articles of one publisher"),
            ("beside", "Only in articles that name another entity, too"),
        ),
    )
    publisher = forms.CharField(label="Publisher", max_length=200, required=False)
    beside = forms.CharField(label="Beside", max_length=200, required=False, help_text="A name or a ticker.")
    why = forms.CharField(label="Reason", max_length=1000, required=False)
