"""Slugs as Hexo makes them of names of categories and of titles. Pure.

https://github.com/hexojs/hexo-util#slugizestr-options: letters of Latin scripts lose their accents,
spaces and ASCII punctuation become a hyphen, everything else stays.
"""

import re
import unicodedata

_LOWER, _UPPER = 1, 2
_CONTROL = re.compile(r"[\x00-\x1f]")
_SPECIAL = re.compile(r"""[\s\ufeff~`!@#$%^&*()\-_+=\[\]{}|\\;:"'<>,.?/]+""")
_NOT_ASCII = re.compile(r"[^\x00-\x7e]")
# The blocks of which letters with accents are replaced by those without.
_ACCENTED = ((0xC0, 0x24F), (0x1E00, 0x1EFF), (0x24B6, 0x24E9), (0xFF21, 0xFF5A))
_KEPT = frozenset("\u0132\u0133")
# Letters that Unicode does not decompose.
_OTHERS = (
    "A=\u023a\u2c6f AA=\ua732 AE=\xc6\u01e2\u01fc AO=\ua734 AU=\ua736 AV=\ua738\ua73a "
    "AY=\ua73c B=\u0181\u0182\u0243 C=\u0187\u023b\ua73e D=\u0110\u0189\u018a\u018b\ua779 "
    "E=\u018e\u0190 F=\u0191\ua77b G=\u0193\u01e4\ua77d\ua77e\ua7a0 "
    "H=\u0126\u2c67\u2c75\ua78d I=\u0197 J=\u0248 K=\u0198\u2c69\ua740\ua742\ua744\ua7a2 "
    "L=\u013f\u0141\u023d\u2c60\u2c62\ua746\ua748\ua780 M=\u019c\u2c6e "
    "N=\u019d\u0220\ua790\ua7a4 O=\xd8\u0186\u019f\u01fe\ua74a\ua74c OE=\x8c\u0152 OI=\u01a2 "
    "OO=\ua74e OU=\u0222 P=\u01a4\u2c63\ua750\ua752\ua754 Q=\u024a\ua756\ua758 "
    "R=\u024c\u2c64\ua75a\ua782\ua7a6 S=\u1e9e\u2c7e\ua784\ua7a8 "
    "T=\u0166\u01ac\u01ae\u023e\ua786 TZ=\ua728 U=\u0244 V=\u01b2\u0245\ua75e VY=\ua760 "
    "W=\u2c72 Y=\u01b3\u024e\u1efe Z=\u01b5\u0224\u2c6b\u2c7f\ua762 a=\u0250\u1e9a\u2c65 "
    "aa=\ua733 ae=\xe6\u01e3\u01fd ao=\ua735 au=\ua737 av=\ua739\ua73b ay=\ua73d "
    "b=\u0180\u0183\u0253 c=\u0188\u023c\u2184\ua73f d=\u0111\u018c\u0256\u0257\ua77a "
    "e=\u01dd\u0247\u025b f=\u0192\ua77c g=\u01e5\u0260\u1d79\ua77f\ua7a1 "
    "h=\u0127\u0265\u2c68\u2c76 hv=\u0195 i=\u0131\u0268 j=\u0249 "
    "k=\u0199\u2c6a\ua741\ua743\ua745\ua7a3 "
    "l=\u0140\u0142\u017f\u019a\u026b\u2c61\ua747\ua749\ua781 m=\u026f\u0271 "
    "n=\u0149\u019e\u0272\ua791\ua7a5 o=\xf8\u01ff\u0254\u0275\ua74b\ua74d oe=\x9c\u0153 "
    "oi=\u01a3 oo=\ua74f ou=\u0223 p=\u01a5\u1d7d\ua751\ua753\ua755 q=\u024b\ua757\ua759 "
    "r=\u024d\u027d\ua75b\ua783\ua7a7 s=\xdf\u023f\ua785\ua7a9 "
    "t=\u0167\u01ad\u0288\u2c66\ua787 tz=\ua729 u=\u0289 v=\u028b\u028c\ua75f vy=\ua761 "
    "w=\u2c73 y=\u01b4\u024f\u1eff z=\u01b6\u0225\u0240\u2c6c\ua763"
)
_REPLACED = {
    letter: base
    for base, _, letters in (each.partition("=") for each in _OTHERS.split(" "))
    for letter in letters
}


def slugize(text: str, case: int = 0) -> str:
    """Return a slug; `case` is Hexo's `filename_case`: 1 for lower case, 2 for upper case."""
    plain = _CONTROL.sub("", _NOT_ASCII.sub(lambda found: _without_accent(found[0]), text))
    slug = re.sub(r"-{2,}", "-", _SPECIAL.sub("-", plain)).strip("-")
    if case == _LOWER:
        return slug.lower()
    return slug.upper() if case == _UPPER else slug


def _without_accent(letter: str) -> str:
    if letter in _REPLACED:
        return _REPLACED[letter]
    if letter in _KEPT or not any(first <= ord(letter) <= last for first, last in _ACCENTED):
        return letter
    decomposed = unicodedata.normalize("NFKD", letter)
    base = "".join(each for each in decomposed if not unicodedata.combining(each))
    return base if base.isascii() and base.isalpha() else letter
