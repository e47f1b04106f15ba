"""Slugs as the filters `slugify` and `slug` of Eleventy make them. Pure.

https://www.11ty.dev/docs/filters/slugify, https://www.11ty.dev/docs/filters/slug. The letters of
most scripts have a spelling in Latin letters; what has none goes.
"""

import re
import unicodedata

_MARKS = re.compile("[\u00a8\u00af\u00b4\u00b7\u00b8\u02b0-\u02ff^`]")
_CONTRACTION = re.compile(r"([a-z0-9]+)'([ts])(?=\s|\Z)")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# What `slug` keeps.
_NOT_ALLOWED = re.compile(r"""[^A-Za-z0-9_\s$*+~.()'"!\-:@]+""")
# Letters before certain others, of `slugify`.
_PAIRS = (("\u044a\u0435", "ye"), ("\u044b\u0439", "iy"), ("\u0578\u0582", "u"))
_SLUGIFY = (
    "c=\u00a2\u0581\u0685\u20a1\u20b5 "
    "y=\u00a5\u03b0\u03c5\u03cb\u03cd\u0439\u044b\u0568\u0575\u0626\u064a\u06cc\u1f7b\u1fe3 "
    "ss=\u00df ae=\u00e4\u00e6 d=\u00f0\u0111\u03b4\u0434\u0564\u062f\u0636\u0688\u0689\u10d3 "
    "oe=\u00f6 o=\u00f8\u03bf\u03c9\u03cc\u03ce\u043e\u0585\u10dd\u1f79\u1f7d ue=\u00fc "
    "th=\u00fe\u03b8\u062b h=\u0127\u0570\u062d\u0647\u06be\u06c1\u10f0 "
    "i=\u0131\u0390\u03ae\u03af\u03b7\u03b9\u03ca\u0438\u0456\u056b\u0625\u10d8\u1f75\u1f77 "
    "i=\u1fbe\u1fd3 ij=\u0133 l=\u0142\u03bb\u043b\u056c\u0644\u10da\u20ba "
    "=\u0375\u037a\u0384\u044a\u044c\u0559\u06e5\u06e6\u1fbd\u1fbf\u1fc0\u1fcd\u1fce\u1fcf "
    "=\u1fdd\u1fde\u1fdf\u1ffe b=\u0392\u0431\u0562\u0628\u10d1\u20bf "
    "a=\u03ac\u03b1\u0430\u0561\u0622\u0623\u0627\u0649\u10d0\u1f71\u20b3 "
    "e=\u03ad\u03b5\u0435\u044d\u0567\u0621\u0639\u06c0\u06d0\u06d2\u10d4\u1f73\u20ac "
    "v=\u03b2\u0432\u057e\u10d5 g=\u03b3\u0433\u0491\u0563\u0696\u06ab\u06af\u10d2\u20b2 "
    "z=\u03b6\u0437\u0566\u0632\u0638\u0681\u10d6 "
    "k=\u03ba\u043a\u056f\u0643\u06a9\u10d9\u10e7\u20ad "
    "m=\u03bc\u043c\u0574\u0645\u10db\u20a5 "
    "n=\u03bd\u043d\u0576\u0646\u06ba\u06bc\u10dc\u20a6 ks=\u03be "
    "p=\u03c0\u043f\u057a\u0583\u067c\u067e\u10de\u20b1\u20bd "
    "r=\u03c1\u0440\u057c\u0580\u0631\u0691\u0693\u10e0\u20b9 "
    "s=\u03c2\u03c3\u0441\u057d\u0633\u0635\u10e1\u20ab\u20b0\u20b4\u20b7 "
    "t=\u03c4\u0442\u0569\u057f\u0629\u062a\u0637\u0679\u10d7\u10e2\u20ae\u20b8 "
    "f=\u03c6\u0444\u0586\u0641\u20a3 x=\u03c7\u069a ps=\u03c8 zh=\u0436\u056a\u0698\u10df "
    "u=\u0443\u10e3 kh=\u0445\u056d\u062e\u10ee ts=\u0446\u056e\u10ea\u10ec "
    "ch=\u0447\u0579\u0686\u10e9 sh=\u0448\u0577\u0634\u10e8 sch=\u0449 yu=\u044e ya=\u044f "
    "yo=\u0451 ye=\u0454\u0565 yi=\u0457 lj=\u0459 nj=\u045a kj=\u045c dz=\u0571\u10eb "
    "gh=\u0572\u063a\u10e6 tch=\u0573\u10ed vo=\u0578 j=\u057b\u062c\u10ef "
    "q=\u0584\u0642\u10e5 yev=\u0587 w=\u0624\u0648\u20a9 dh=\u0630 "
    "0=\u0660\u06f0\u24ea\u24ff 1=\u0661\u06f1\u2460\u2474\u24f5 "
    "2=\u0662\u06f2\u2461\u2475\u24f6 3=\u0663\u06f3\u2462\u2476\u24f7 "
    "4=\u0664\u06f4\u2463\u2477\u24f8 5=\u0665\u06f5\u2464\u2478\u24f9 "
    "6=\u0666\u06f6\u2465\u2479\u24fa 7=\u0667\u06f7\u2466\u247a\u24fb "
    "8=\u0668\u06f8\u2467\u247b\u24fc 9=\u0669\u06f9\u2468\u247c\u24fd ai=\u06cd ph=\u10e4 "
    "ce=\u20a0 cr=\u20a2 pt=\u20a7 rs=\u20a8 dp=\u20af tt=\u20b6"
)
_SLUG = (
    "dollar=$ percent=% and=& less=< greater=> or=| cent=\u00a2 pound=\u00a3 currency=\u00a4 "
    "yen=\u00a5\u5186 (c)=\u00a9 "
    "a=\u00aa\u03ac\u03b1\u0430\u0531\u0621\u0623\u0627\u0639\u0649\u064e\u10d0\u1f71 "
    "(r)=\u00ae o=\u00ba\u00f8\u02da\u03bf\u03cc\u043e\u10dd\u1f79 ss=\u00df ae=\u00e6\u04d9 "
    "d=\u00f0\u03b4\u0434\u0534\u062f\u10d3\u2202 th=\u00fe\u062b\u0630 dj=\u0111\u0452 "
    "i=\u0131\u0390\u03af\u03b9\u03ca\u0438\u0456\u053b\u0625\u10d8\u1f77\u1fbe\u1fd3 "
    "l=\u0142\u03bb\u043b\u053c\u0644\u10da oe=\u0153\u04e9 "
    "f=\u0192\u03c6\u0444\u0556\u0641\u10e4 lj=\u01c9\u0459 nj=\u01cc\u045a "
    "e=\u0259\u03ad\u03b5\u0435\u044d\u0535\u0626\u0650\u10d4\u1f73 "
    "h=\u03ae\u03b7\u0445\u04bb\u0540\u0629\u062d\u0647\u10f0\u1f75 "
    "y=\u03b0\u03c5\u03cb\u03cd\u044b\u0545\u064a\u06cc\u1f7b\u1fe3 "
    "b=\u03b2\u0431\u0532\u0628\u10d1 g=\u03b3\u0433\u0491\u0533\u06af\u10d2 "
    "z=\u03b6\u0437\u0536\u0632\u0638\u10d6 8=\u03b8\u0668\u06f8 "
    "k=\u03ba\u043a\u053f\u0643\u06a9\u10d9\u10e5 m=\u03bc\u043c\u0544\u0645\u10db "
    "n=\u03bd\u043d\u0546\u0646\u10dc 3=\u03be\u0663\u06f3 p=\u03c0\u043f\u054a\u067e\u10de "
    "r=\u03c1\u0440\u0550\u0631\u10e0 s=\u03c2\u03c3\u0441\u054d\u0633\u0635\u10e1 "
    "t=\u03c4\u0442\u054f\u062a\u0637\u10d7\u10e2 x=\u03c7\u053d ps=\u03c8 "
    "w=\u03c9\u03ce\u0648\u1f7d v=\u0432\u054e\u10d5 zh=\u0436\u0698\u10df "
    "j=\u0439\u0458\u054b\u062c\u10ef u=\u0443\u044a\u045d\u04b1\u0624\u064f\u10e3 "
    "c=\u0446\u045b\u0551 ch=\u0447\u0549\u0686\u10e9\u10ed sh=\u0448\u0449\u0547\u0634\u10e8 "
    "yu=\u044e ya=\u044f yo=\u0451 ye=\u0454 yi=\u0457 dz=\u045f\u10eb "
    "gh=\u0493\u0542\u063a\u10e6 kh=\u049b\u062e\u10ee ng=\u04a3 ue=\u04af e'=\u0537 "
    "y'=\u0538 t'=\u0539 jh=\u053a c'=\u053e d'=\u0541 tw=\u0543 r'=\u054c p'=\u0553 "
    "q'=\u0554 o''=\u0555 ev=\u0587 aa=\u0622 dh=\u0636 q=\u0642\u10e7 an=\u064b on=\u064c "
    "en=\u064d 0=\u0660\u06f0 1=\u0661\u06f1 2=\u0662\u06f2 4=\u0664\u06f4 5=\u0665\u06f5 "
    "6=\u0666\u06f6 7=\u0667\u06f7 9=\u0669\u06f9 baht=\u0e3f ts=\u10ea\u10ec -=\u2013 "
    "'=\u2018\u2019 \"=\u201c\u201d\u201e +=\u2020 *=\u2022 ...=\u2026 ecu=\u20a0 "
    "cruzeiro=\u20a2 french-franc=\u20a3 lira=\u20a4 mill=\u20a5 naira=\u20a6 peseta=\u20a7 "
    "rupee=\u20a8 won=\u20a9 new-shequel=\u20aa dong=\u20ab euro=\u20ac kip=\u20ad "
    "tugrik=\u20ae drachma=\u20af penny=\u20b0 peso=\u20b1 guarani=\u20b2 austral=\u20b3 "
    "hryvnia=\u20b4 cedi=\u20b5 kazakhstani-tenge=\u20b8 indian-rupee=\u20b9 "
    "turkish-lira=\u20ba russian-ruble=\u20bd bitcoin=\u20bf sm=\u2120 tm=\u2122 delta=\u2206 "
    "sum=\u2211 infinity=\u221e love=\u2665 yuan=\u5143 rial=\ufdfc laa=\ufef5\ufef7 "
    "lai=\ufef9 la=\ufefb"
)
# Latin letters beyond the usual blocks, and those in them that `slug` drops.
_KNOWN = frozenset(
    "\u01a0\u01a1\u01af\u01b0\u0218\u0219\u021a\u021b\u1e62\u1e63\u1e80\u1e81\u1e82\u1e83\u1e84\u1e85"
)
_UNKNOWN = frozenset(
    "\u00d7\u00f7\u0108\u0109\u010a\u010b\u0114\u0115\u011c\u011d\u0120\u0121\u0124\u0125\u0126\u0127"
    "\u012c\u012d\u0132\u0133\u0134\u0135\u0138\u0139\u013a\u013f\u0140\u0149\u014a\u014b\u014e\u014f"
    "\u0156\u0157\u015c\u015d\u0166\u0167\u016c\u016d\u017f"
)


def _letters(table: str) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for entry in table.split(" "):
        spelling, _, letters = entry.partition("=")
        spellings |= dict.fromkeys(letters, spelling)
    return spellings


_SLUGIFY_LETTERS = {
    **_letters(_SLUGIFY),
    "&": " and ",
    "\u2665": " love ",
    "\U0001f984": " unicorn ",
}
_SLUG_LETTERS = {**_letters(_SLUG), "-": " "}


def slugify(text: str) -> str:
    """Return a slug as the filter `slugify` makes it."""
    text = unicodedata.normalize("NFC", text).lower()
    for pair, spelling in _PAIRS:
        text = text.replace(pair, spelling)
    text = _MARKS.sub("", _without_accents("".join(_SLUGIFY_LETTERS.get(c, c) for c in text)))
    return _NOT_SLUG.sub("-", _CONTRACTION.sub(r"\1\2", text)).strip("-")


def slug(text: str) -> str:
    """Return a slug as the old filter `slug` makes it, which keeps some punctuation."""
    text = unicodedata.normalize("NFC", text)
    spelled = "".join(
        _NOT_ALLOWED.sub("", _SLUG_LETTERS.get(c) or _SLUG_LETTERS.get(c.lower()) or _latin(c))
        for c in text
    )
    return "-".join(spelled.split()).lower()


def _latin(letter: str) -> str:
    """A letter of Latin scripts without its accent, if `slug` knows it."""
    is_latin = "\u00c0" <= letter < "\u0180" or "\u1ea0" <= letter <= "\u1ef9" or letter in _KNOWN
    if letter.isascii() or (is_latin and letter not in _UNKNOWN):
        return _without_accents(letter)
    return letter if letter.isspace() else ""


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(each for each in decomposed if not unicodedata.combining(each))
