"""Rule: what people decided about a name makes it strong, weak, or none for the machine."""

from __future__ import annotations

# A weak name links by itself when so many articles say that it is right, and so many times as many as say that it is
# wrong: three editors' corrections are no slip of one, and a name that misleads one time in five stays weak.
ENOUGH_RIGHT = 3
TIMES_WRONG = 4
# A strong name needs other evidence when so many articles say that it was wrong, and more than say that it was right.
ENOUGH_WRONG = 3
# A name that was wrong so often, and so many times as often as right, links nothing any more.
HOPELESS = 6
TIMES_RIGHT = 6


def trusted(weak: bool, right: int, wrong: int) -> bool | None:  # noqa: FBT001 - a column of the name's row
    """Whether a name is weak for the machine by now; None: it links nothing. `weak` is what its source says.

    `right` and `wrong` are articles in which a person decided, as `Alias` counts them.
    """
    if wrong >= HOPELESS and wrong >= TIMES_RIGHT * right:
        return None
    if weak:
        return not (right >= ENOUGH_RIGHT and right >= TIMES_WRONG * wrong)
    return wrong >= ENOUGH_WRONG and wrong > right
