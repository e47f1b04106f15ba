"""The lengths and numbers of what real articles consist of, as quantiles (numbers only).

Measured on 64 posts of a topic portal, 22 articles of another one, and the 202 related articles
that they list; lengths are in characters. The portals' own posts list related articles seldom (1 of
39), the other one's often (all of 22, which were chosen for that); `WITH_RELATED` lies between.
"""

from collections.abc import Sequence
from random import Random

# The smallest, each tenth, and the largest.
TITLE = (22, 34, 44, 53, 60, 66, 70, 78, 84, 102, 127)
EXCERPT = (27, 119, 154, 176, 199, 217, 241, 258, 298, 306, 388)
RELATED = (1, 1, 2, 2, 4, 5, 9, 14, 15, 18, 25)
RELATED_TITLE = (37, 54, 60, 63, 68, 72, 78, 81, 86, 93, 176)
RELATED_EXCERPT = (91, 133, 149, 171, 192, 200, 217, 236, 249, 256, 364)
PATH = (20, 47, 54, 57, 67, 74, 85, 92, 104, 120, 149)
QUALITY = (11, 37, 44, 52, 60, 66, 71, 75, 86, 96, 148)
# The share of articles with one topic, two, ...: nine tenths have one or two.
TOPICS = (0.50, 0.40, 0.06, 0.03, 0.01)
WITH_RELATED = 0.10
WITH_IMAGE = 0.95
WITH_SECOND_ADDRESS = 0.08
VIDEOS, SHORTS = 0.05, 0.01
HIGHEST_QUALITY_SHARE, HIGHEST_QUALITY = 0.002, 189


def draw(chance: Random, quantiles: Sequence[int]) -> int:
    """A number of the distribution that has these quantiles, evenly spread between two of them."""
    place = chance.random() * (len(quantiles) - 1)
    index = int(place)
    low, high = quantiles[index], quantiles[index + 1]
    return round(low + (high - low) * (place - index))
