"""Knows the shortcodes of emoji and icons, such as `:tada:`. Pure.

Other words between colons are text: `:nodoc:` is a tag of RDoc, `:param:` a field of Sphinx.
"""

import re
import unicodedata

_SHORTCODE = re.compile(
    r"(?<![\w:/]):(?P<name>[a-z][a-z0-9_+-]{1,60}|[+-]1|100|1234):(?![\w:/])(?:\{[^{}]{0,100}\})?"
)
# https://squidfunk.github.io/mkdocs-material/reference/icons-emojis and Font Awesome.
_ICON = re.compile(r"(?:fa[bsr]?|fontawesome|lucide|material|mdi|octicons?|simple|tabler)-[a-z0-9]")
# Series of names: https://github.github.com/gemoji-lookup is a list of all.
_SERIES = re.compile(
    r"(?:clock\d|earth_|face_|family_|flag[-_]|hear_no|man_|no_good|see_no|smiling_|speak_no"
    r"|stuck_out_|woman_)[a-z0-9_-]*"
    r"|[a-z0-9_]+_(?:cat|circle|eyes|face|heart|man|men|person|square|woman|women)"
)
# Those whose names are not their names in Unicode.
_OTHER_NAMES = """
    +1 -1 100 1234 alien angel apple arrow_down arrow_forward arrow_left arrow_lower_right
    arrow_right arrow_up arrow_upper_right arrows_counterclockwise arrows_clockwise art astronaut
    balance_scale beach_umbrella bee beer beers bike birthday blush boat boom bow bricks bulb cake
    camera_flash car champagne checkered_flag christmas_island clap clapper cocktail coffee
    cold_sweat computer congratulations construction_worker cool cop crayon crossed_fingers cry
    cupid dart disappointed_relieved dna dollar dove e-mail email envelope_with_arrow exclamation
    eu euro facepalm facepunch fast_forward fire fist fist_raised flashlight football fried_egg
    fries frowning fuelpump gem gift gift_heart golf grin gun hand hankey headphones heart
    heartbeat heartpulse hearts heavy_heart_exclamation hotdog hugs icecream information_source
    innocent iphone joy knife laughing leaves light_bulb link lollipop loud_sound loudspeaker mag
    mag_right mailbox mask mega moneybag moon mortar_board mountain_snow muscle mute nail_care
    new newspaper_roll notes ocean ok_hand open_mouth orange partly_sunny paw_prints pencil2
    people_holding_hands persevere phone pizza point_down point_left point_right point_up
    point_up_2 poop pout pray punch question rage raised_hands raising_hand recycle relaxed
    repeat rewind rofl roll_eyes rotating_light runner running sake santa satisfied scream
    scissors shell shipit shit shopping_cart shrug sleepy slightly_smiling smile smiley smirk
    snowman_with_snow sob soccer sos sound space_invader sparkler speaking_head
    spiral_calendar spiral_notepad star star2 star_struck stars sun_with_face sunglasses sunny
    sweat sweat_drops sweat_smile tada tea technologist tennis thinking thread thumbsdown thumbsup
    tickets tophat tornado traffic_light triumph truck tv up v vs walking wave white_check_mark
    wink woozy x yum zap zzz
"""
_NAMES = frozenset(_OTHER_NAMES.split())
# Symbols of Unicode that are no emoji, and are words of documentation.
_NO_EMOJI = frozenset({"folder", "note", "page"})


def remove_emoji(text: str) -> str:
    """Return the text without shortcodes of emoji and icons."""
    return _SHORTCODE.sub(lambda found: "" if _is_known(found["name"]) else found[0], text)


def _is_known(name: str) -> bool:
    if name in _NAMES or _ICON.match(name) or _SERIES.fullmatch(name):
        return True
    if name in _NO_EMOJI:
        return False
    words = name.replace("_", " ").replace("-", " ")
    return any(_is_symbol(each) for each in (words, f"{words} face"))


def _is_symbol(name: str) -> bool:
    try:
        return unicodedata.category(unicodedata.lookup(name)) == "So"
    except KeyError:
        return False
