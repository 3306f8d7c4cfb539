"""Inline SVG, written by hand: elements with escaped attributes, and a frame that maps values to places.

Drawn here and not by a plotting library: its scripts alone weigh 1 to 4 MB a page, and these pages must read without
scripts, on paper and in the dark. Colours are left to the page's style sheet, by class.
"""

from dataclasses import dataclass
from html import escape


def number(value: float) -> str:
    """A coordinate: one decimal at most."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def element(tag: str, content: str = "", /, **attributes: str | float) -> str:
    """An element; `content` is markup already. An attribute `class_` or `stroke_width` loses its underscores."""
    written = []
    for name, value in attributes.items():
        said = number(value) if isinstance(value, int | float) else escape(value)
        written.append(f' {name.removesuffix("_").replace("_", "-")}="{said}"')
    opened = f"<{tag}{''.join(written)}"
    return f"{opened}>{content}</{tag}>" if content else f"{opened}/>"


def label(text: str, x: float, y: float, class_: str = "t", anchor: str = "start") -> str:
    """A piece of text."""
    extra = {} if anchor == "start" else {"text_anchor": anchor}
    return element("text", escape(text), x=x, y=y, class_=class_, **extra)


def titled(text: str) -> str:
    """What a pointer that rests on the element reads, and a screen reader."""
    return element("title", escape(text))


def picture(title: str, width: float, height: float, content: str, class_: str = "chart") -> str:
    """A whole drawing that scales with its column and has a name."""
    box = f"0 0 {number(width)} {number(height)}"
    named = {"class_": class_, "role": "img", "aria_label": title}
    return element("svg", titled(title) + content, viewBox=box, width=width, height=height, **named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Maps values to places inside margins; the y axis points up."""

    width: float = 360
    height: float = 200
    left: float = 46
    right: float = 12
    top: float = 12
    bottom: float = 24
    first_x: float
    last_x: float
    first_y: float = 0.0
    last_y: float

    def x(self, value: float) -> float:
        """The place of a value along the x axis."""
        span = (self.last_x - self.first_x) or 1.0
        return self.left + (value - self.first_x) / span * (self.width - self.left - self.right)

    def y(self, value: float) -> float:
        """The place of a value along the y axis."""
        span = (self.last_y - self.first_y) or 1.0
        return self.height - self.bottom - (value - self.first_y) / span * (self.height - self.top - self.bottom)

    @property
    def floor(self) -> float:
        """Where the x axis lies."""
        return self.height - self.bottom

    def ground(self) -> str:
        """The line of the x axis."""
        return element("line", x1=self.left, x2=self.width - self.right, y1=self.floor, y2=self.floor, class_="axis")

    def rules(self, ticks: list[tuple[float, str]]) -> str:
        """Horizontal lines with labels at the left."""
        lines = []
        for value, text in ticks:
            place = self.y(value)
            lines.append(element("line", x1=self.left, x2=self.width - self.right, y1=place, y2=place, class_="grid"))
            lines.append(label(text, self.left - 5, place + 4, anchor="end"))
        return "".join(lines)


def ticks(most: float) -> list[float]:
    """Round values from 0 to at least `most`, four to six of them."""
    if most <= 0:
        return [0.0, 1.0]
    power = 10.0 ** (len(f"{int(most)}") - 1)
    while power > most:
        power /= 10
    for step in (0.2, 0.25, 0.5, 1.0, 2.0, 2.5):
        if most / (step * power) <= 5:
            count = -int(-most // (step * power))
            return [step * power * at for at in range(count + 1)]
    return [0.0, most]
