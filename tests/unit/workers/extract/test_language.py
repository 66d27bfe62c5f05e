"""The language of an article."""

from __future__ import annotations

import pytest

from workers.extract.core.language import language

SAID = {
    "en": "The plant that opened on Monday is the first of its kind in the region, and it has buyers for all that it will make.",
    "de": "Das Werk, das am Montag eröffnet wurde, ist das erste seiner Art in der Region und hat Käufer für alles, was es herstellt.",
    "fr": "L'usine qui a ouvert lundi est la première de ce genre dans la région, et elle a des acheteurs pour tout ce que les lignes font.",
    "es": "La planta que abrió el lunes es la primera de su tipo en la región y tiene compradores para todo lo que se fabrica.",
    "pt": "A fábrica que abriu na segunda-feira é a primeira do tipo na região e tem compradores para tudo o que não foi vendido.",
    "it": "L'impianto che è stato aperto lunedì è il primo di questo tipo nella regione e ha compratori per tutto quello che fa.",
    "nl": "De fabriek die maandag is geopend is de eerste in zijn soort in de regio en heeft kopers voor alles wat er wordt gemaakt.",
    "sv": "Fabriken som öppnade i måndags är den första i sitt slag i regionen och har köpare till allt som ska tillverkas.",
    "pl": "Zakład, który otwarto w poniedziałek, jest pierwszy w regionie i ma kupców na to, co będzie w nim robione.",
    "ru": "Завод, который открыли в понедельник, первый в своём роде, и у него есть покупатели на всё, что он будет делать, как и на то.",
    "uk": "Завод, який відкрили в понеділок, перший у своєму роді, і є покупці на все, що він буде робити, та й не тільки.",
    "tr": "Pazartesi günü açılan fabrika bu bölgede bir ilk olarak çok önemli ve daha sonra da büyüyecek.",
    "zh": "周一开业的工厂是该地区的第一家，产品已经有了买家。",
    "ja": "月曜日に開業した工場はこの地域で初めてで、製品にはすでに買い手がいる。",
    "ko": "월요일에 문을 연 공장은 이 지역에서 처음이며 제품은 이미 구매자가 있다.",
    "ar": "المصنع الذي افتتح يوم الاثنين هو الأول من نوعه في المنطقة مع مشترين إلى ما بعد هذا العام",
    "hi": "सोमवार को खुला कारखाना इस क्षेत्र में पहला है और इसके लिए खरीदार भी हैं।",
    "el": "Το εργοστάσιο που άνοιξε τη Δευτέρα είναι το πρώτο στην περιοχή.",
    "th": "โรงงานที่เปิดเมื่อวันจันทร์เป็นแห่งแรกในภูมิภาค",
}


@pytest.mark.parametrize("expected", SAID)
def test_a_text_tells_its_language(expected):
    assert language(SAID[expected], "") == expected


@pytest.mark.parametrize("declared", ["is", "eu"])
def test_a_language_whose_words_we_do_not_count_is_believed_of_the_same_letters(declared):
    assert language(SAID["en"], declared) == declared


def test_what_the_page_declares_is_believed_of_a_text_that_says_little():
    assert language("The plant opened on Monday.", "de") == "de"


def test_many_words_of_another_language_outdo_what_the_template_declares():
    assert language(SAID["en"], "de") == "en"


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        (
            "da",
            "Havnen har fået en ny kaj, og de første skibe er på vej. Det er ikke for sent, men der er ikke meget tid, siger de.",
        ),
        (
            "ms",
            "Pelabuhan itu akan dibuka pada bulan depan dan tidak ada yang dapat mengatakan berapa banyak kapal yang akan tiba.",
        ),
        (
            "sk",
            "Prístav otvoria v marci a nie je to prvý raz, čo sa o ňom hovorí. Mesto má na to len rok a už teraz vie, že to bude málo.",
        ),
    ],
)
def test_neighbouring_languages_are_not_taken_for_each_other(declared, text):
    assert language(text, declared) == declared


@pytest.mark.parametrize(
    ("text", "declared", "expected"), [("zh", "en", "zh"), ("ja", "en", "ja"), ("ru", "en", "ru"), ("en", "ja", "en")]
)
def test_other_letters_outdo_what_the_template_declares(text, declared, expected):
    assert language(SAID[text], declared) == expected


def test_a_text_that_tells_nothing_has_the_declared_language_or_none():
    assert language("", "de") == "de"
    assert language("12 34 56", "") == ""
    assert language("Nd Pr Dy", "") == ""
