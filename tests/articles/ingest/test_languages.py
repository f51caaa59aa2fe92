"""Languages: what is stated holds, unless the text plainly says otherwise; a doubt is no guess."""

from __future__ import annotations

import pytest

from articles.ingest.languages import language_of, primary_tag

# Sentences of our own, about one harbour.
TEXTS = {
    "en": "The harbour of the town was closed on Tuesday, and the ferries that run from it are not expected to be back within a week.",
    "de": "Der Hafen der Stadt wurde am Dienstag geschlossen, und die Fähren, die von dort fahren, werden nicht vor einer Woche erwartet.",
    "fr": "Le port de la ville a été fermé mardi, et les bateaux qui en partent ne sont pas attendus avant une semaine par les pêcheurs.",
    "es": "El puerto de la ciudad fue cerrado el martes y los barcos que salen de él no se esperan en una semana, como dijo su jefe.",
    "pt": "O porto da cidade foi fechado na terça e os barcos que saem dele não são esperados em uma semana, como disse o chefe ao jornal.",
    "it": "Il porto della città è stato chiuso martedì e le navi che partono da lì non sono attese in una settimana, come ha detto il capo.",
    "nl": "De haven van de stad werd op dinsdag gesloten en de boten die van daar varen zijn niet voor het einde van de week te zien.",
    "sv": "Hamnen i staden stängdes på tisdagen och färjorna som går från den är inte att vänta till nästa vecka, som det var sagt av dem.",
    "pl": "Port w mieście został zamknięty we wtorek i promy, które z niego kursują, nie wrócą do portu przez tydzień, jak się mówi, że był sztorm.",
    "tr": "Şehrin limanı salı günü bir fırtına ile kapandı ve oradan kalkan gemiler için bu hafta yeni bir haber de yok, ama daha çok gün var.",
    "id": "Pelabuhan di kota itu ditutup pada hari Selasa dan kapal yang berangkat dari sana tidak akan kembali dalam satu minggu ini oleh badai.",
    "ru": "Гавань города была закрыта во вторник, и паромы, которые из неё ходят, вернутся не раньше чем через неделю, сказал её начальник.",
    "uk": "Гавань міста була закрита у вівторок, і пороми, які з неї ходять, повернуться не раніше ніж за тиждень, сказав її начальник.",
    "bg": "Пристанището на града беше затворено във вторник и корабите, които тръгват от него, няма да се върнат преди края на седмицата, съобщи шефът.",
    "el": "Το λιμάνι της πόλης έκλεισε την Τρίτη και τα πλοία δεν αναμένονται πριν από μία εβδομάδα.",
    "ar": "أغلق ميناء المدينة يوم الثلاثاء ولا يتوقع أن تعود السفن التي تبحر منه قبل أسبوع كما قال مديره في بيان له عن العاصفة الكبيرة التي ضربت الساحل",
    "fa": "بندر شهر روز سه‌شنبه بسته شد و انتظار نمی‌رود کشتی‌هایی که از آن می‌روند پیش از یک هفته برگردند، رئیس بندر در گفت‌وگو با روزنامه گفت",
    "he": "נמל העיר נסגר ביום שלישי והמעבורות היוצאות ממנו אינן צפויות לחזור לפני סוף השבוע",
    "hi": "शहर का बंदरगाह मंगलवार को बंद कर दिया गया और वहाँ से चलने वाली नावें एक सप्ताह के पहले नहीं लौटेंगी है में के की",
    "ja": "町の港は火曜日に閉鎖され、そこから出るフェリーは一週間以内には戻らない見込みだと港の責任者が新聞に語った。",
    "zh": "城市的港口星期二关闭，从那里出发的渡轮预计一周内不会恢复，港口负责人在声明中对报纸说，渔民们却没有那么平静。",
    "ko": "도시의 항구는 화요일에 폐쇄되었고 그곳에서 출발하는 여객선은 일주일 안에 돌아오지 않을 것으로 보인다고 책임자가 말했다.",
    "th": "ท่าเรือของเมืองปิดเมื่อวันอังคารและเรือข้ามฟากคาดว่าจะไม่กลับมาภายในหนึ่งสัปดาห์",
}


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_it_tells_the_language_of_a_text_that_nobody_states(language: str) -> None:
    assert language_of([], f"{TEXTS[language]} " * 3) == language
    assert language_of(["", "und", "x" * 500], f"{TEXTS[language]} " * 3) == language


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_what_is_stated_rightly_holds(language: str) -> None:
    assert language_of([f"{language}-XX"], f"{TEXTS[language]} " * 3) == language


@pytest.mark.parametrize("language", sorted(set(TEXTS) - {"en"}))
def test_a_template_that_says_english_of_every_page_is_not_believed(language: str) -> None:
    assert language_of(["en-US"], f"{TEXTS[language]} " * 3) == language


@pytest.mark.parametrize(
    "text", ["", "Bonjour tout le monde", "Погода в Киеве", "¡Gol!", "12:30 | 3-2", "Ferry, Harbour, Tessin"]
)
def test_short_texts_are_never_guessed_at(text: str) -> None:
    assert language_of([], text) == ""
    assert language_of(["en"], text) == "en"


def test_a_text_of_names_and_numbers_contradicts_nothing() -> None:
    table = "Tessin 3-2 Halvard, Skerry 1-1 Orne, Quint 0-4 Mara. " * 20
    assert language_of(["sv"], table) == "sv"
    assert language_of([], table) == ""


def test_a_quotation_in_another_language_changes_nothing() -> None:
    assert language_of(["de"], f"{TEXTS['de']} " * 3 + TEXTS["en"]) == "de"


def test_a_language_whose_words_are_not_known_here_is_believed() -> None:
    text = (
        "Dooxadii magaalada waa la xiray Talaadadii, doonyihii ka baxayeyna lama filayo toddobaad gudihiis. "
        * 4
    )
    assert language_of(["so"], text) == "so"


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("EN_gb", "en"),
        ("zh-Hant-TW", "zh"),
        ("nb", "no"),
        ("iw", "he"),
        (" pt-BR ", "pt"),
        ("", ""),
        ("und", ""),
        ("english", ""),
        ("x", ""),
        ("de;q=1", ""),
        ("\x00", ""),
    ],
)
def test_tags_are_read_down_to_their_primary_part(raw: str, tag: str) -> None:
    assert primary_tag(raw) == tag
