"""Which encoding the bytes of a text file are in, as far as its words show it.

A text in one 8-bit encoding nearly always decodes in another as well, into other letters. Windows-1252 is taken only
where the words beyond ASCII can be read in it and in no rival; a statistical detector needs more text than a delivery
of English with a few names in it has, and answers even where two encodings read equally well.
"""

import re
from collections import Counter
from pathlib import Path

from pipeline.landing.reading.delivery_file import display_name, open_delivery
from pipeline.landing.reading.invalid_bytes import HANDLER
from warehouse.errors import DataError
from warehouse.settings import Settings

# The letters beyond ASCII of each language, by the encodings in which it is written.
_WESTERN = (
    "äöüß",  # German
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúü",  # Spanish
    "ãõáàâéêíóôúç",  # Portuguese
    "àèéìíòóù",  # Italian
    "àèéíïòóúüç",  # Catalan
    "åäöéšž",  # Swedish, Finnish
    "æøåéòóâêô",  # Danish, Norwegian
    "áéíóúýðþæö",  # Icelandic
    "äõöü",  # Estonian
    "éëïöüèêáó",  # Dutch
)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "čćđšž",  # Croatian
)
_RUSSIAN = ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдежзийклмнопрстуфхцчшщъьюя")
_GREEK = ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",)
_TURKISH = ("çğıöşüâî",)
_BALTIC = ("āčēģīķļņšūž", "ąčęėįšųūž")
RIVALS: dict[str, tuple[str, ...]] = {
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1251": _RUSSIAN,
    "koi8_r": _RUSSIAN[:1],
    "cp1253": _GREEK,
    "cp1254": _TURKISH,
    "cp1257": _BALTIC,
}
# Only named in the refusal, never a reason for it: Windows' punctuation reads as Spanish in it.
_OTHERS: dict[str, tuple[str, ...]] = {"mac_roman": _WESTERN, "cp850": _WESTERN, "cp866": _RUSSIAN[:1]}

_LEAST_BYTES = 3
_LEAST_RIVAL_WORDS = 2
_READABLE_SHARE = 0.95
_WORD_LIMIT = 5_000
_LONGEST_WITHOUT_ASCII = 3
# Quotes, dashes, signs and blanks that stand around words.
_AROUND = "'\u2018\u2019\u201a\u201b“”„«»\u2039\u203a¿¡…–—•·©®™°§€£¥$%¢ºª\u00a0\u00ad"
_WORD = re.compile(rb"[A-Za-z\x80-\xff']*[\x80-\xff][A-Za-z\x80-\xff']*")


def windows_1252_or_utf_8(path: Path, settings: Settings) -> str:
    """Decide between the two encodings that look alike on ASCII, by every byte of the file.

    A file is UTF-8 when any byte beyond ASCII is valid as such, or where there are fewer than three; what is invalid
    is then rejected by record, since a few stray bytes are no evidence and must not turn into letters that nobody
    wrote. So it is where the bytes are text in no encoding known here.

    Args:
        path: The delivered file.
        settings: Its limits.

    Returns:
        `cp1252` or `utf-8`.

    Raises:
        DataError: The words can be read in another encoding as well, or only there.
    """
    count, words = 0, Counter[bytes]()
    with open_delivery(path, settings) as stream:
        while chunk := stream.read(1 << 20) + stream.readline(1 << 20):
            if chunk.isascii():
                continue
            letters = re.findall(r"[^\x00-\x7f]", chunk.decode("utf-8", HANDLER))
            if any(not 0xDC80 <= ord(letter) <= 0xDCFF for letter in letters):
                return "utf-8"
            count += len(letters)
            if len(words) < _WORD_LIMIT:
                words.update(_WORD.findall(chunk))
    if count < _LEAST_BYTES:
        return "utf-8"
    found = readable_encodings(words)
    if found in ([], ["cp1252"]):
        return "cp1252" if found else "utf-8"
    raise DataError(
        f"{display_name(path)} is not UTF-8, and its words can be read as {' or '.join(found[:4])}. Name the encoding "
        f"it is in, such as `claims ingest --encoding {found[0]}`. Nothing of it landed."
    )


def readable_encodings(words: Counter[bytes]) -> list[str]:
    """The encodings in which words can be read, the likeliest first.

    Args:
        words: Words with bytes beyond ASCII, and how often each stands in the text.

    Returns:
        `cp1252` alone where no rival reads the same words in another way.
    """
    western = _share(words, "cp1252", _WESTERN)
    shares = {
        encoding: max(_share(words, encoding, (language,)) for language in languages)
        for encoding, languages in RIVALS.items()
        if len(_differing(words, encoding)) >= _LEAST_RIVAL_WORDS
    }
    if western >= _READABLE_SHARE:
        shares["cp1252"] = western
    elif not any(share >= _READABLE_SHARE for share in shares.values()):
        shares |= {encoding: _share(words, encoding, languages) for encoding, languages in _OTHERS.items()}
    likely = [encoding for encoding, share in shares.items() if share >= _READABLE_SHARE]
    return sorted(likely, key=lambda encoding: -_lower_share(words, encoding))


def _differing(words: Counter[bytes], encoding: str) -> list[bytes]:
    return [word for word in words if word.decode(encoding, "replace") != word.decode("cp1252", "replace")]


def _share(words: Counter[bytes], encoding: str, languages: tuple[str, ...]) -> float:
    """The share of the words that can be read in at least one of the languages."""
    readable = sum(count for word, count in words.items() if _is_readable(word.decode(encoding, "replace"), languages))
    return readable / words.total()


def _is_readable(text: str, languages: tuple[str, ...]) -> bool:
    """Whether text between blanks is a word with usual signs around it and, of signs, only apostrophes inside."""
    if halves := re.fullmatch(r"(\w{4,})[–—](\w{4,})", text):
        return _is_readable(halves[1], languages) and _is_readable(halves[2], languages)
    word = text.strip(_AROUND)
    letters = word.replace("’", "").replace("'", "").replace("\u00a0", "").replace("…", "")
    if not letters:
        return True
    if not letters.isalpha() or not (letters.islower() or letters.isupper() or letters.istitle()):
        return False
    foreign = {letter for letter in letters.lower() if not letter.isascii()}
    is_mixed = any(letter.isascii() for letter in letters)
    # Cyrillic and Greek words hold no Latin letter; Latin words of more than a few letters hold one of ASCII.
    is_other_script = any("\u0370" <= letter <= "\u04ff" for letter in foreign)
    if is_other_script == is_mixed and (is_mixed or len(letters) > _LONGEST_WITHOUT_ASCII):
        return False
    return any(foreign <= set(language) for language in languages)


def _lower_share(words: Counter[bytes], encoding: str) -> float:
    texts = [word.decode(encoding, "replace") for word in words]
    return sum(text.islower() for text in texts) / len(texts)
