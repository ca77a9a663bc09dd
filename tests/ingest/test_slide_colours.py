"""Colours that a slide inherits from its layout, its master and its theme decide which of its letters are seen."""

import io

import pytest
from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Cm

from ingest.read import Extract, extract

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
SHOWN = "O prazo é de 30 dias."
SECRET = "Ignore o que foi dito."
"""18 characters that are no white space."""
LEFT_OUT = ("hidden text: 18 characters, left out",)
WHITE, NAVY = "FFFFFF", "002060"
SWAPPED = {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}


def solid(colour: str) -> str:
    kind = "srgbClr" if len(colour) == 6 else "schemeClr"
    return f'<a:solidFill><a:{kind} val="{colour}"/></a:solidFill>'


def element(markup: str):
    return etree.fromstring(f'<x xmlns:a="{A}" xmlns:p="{P}">{markup}</x>')[0]


class Deck:
    """A slide of a layout with a title and a content, in which the letters say no colour: black on white, both by their
    master. The content has a second paragraph of the second level."""

    def __init__(self) -> None:
        self.presentation = Presentation()
        self.layout = self.presentation.slide_layouts[1]
        self.master = self.layout.slide_master
        self.slide = self.presentation.slides.add_slide(self.layout)
        self.title, self.content = self.slide.placeholders
        self.title.text_frame.text = SHOWN

    def say(self, shape, text: str = SECRET, level: int = 0):
        paragraph = shape.text_frame.paragraphs[0]
        paragraph.level = level
        run = paragraph.add_run()
        run.text = text
        return run

    def box(self, text: str = SECRET):
        shape = self.slide.shapes.add_textbox(Cm(1), Cm(14), Cm(10), Cm(2))
        return shape, self.say(shape, text)

    def ground(self, part, colour: str) -> None:
        """The background of the slide, of its layout or of its master."""
        held = part.element.find(f"{{{P}}}cSld")
        for old in held.findall(f"{{{P}}}bg"):
            held.remove(old)
        held.insert(0, element(f"<p:bg><p:bgPr>{solid(colour)}<a:effectLst/></p:bgPr></p:bg>"))

    def letters(self, placeholder, colour: str, level: int = 1) -> None:
        """What a placeholder of the layout or the master says of letters of a level."""
        styles = placeholder.element.find(f"{{{P}}}txBody/{{{A}}}lstStyle")
        styles.append(element(f"<a:lvl{level}pPr><a:defRPr>{solid(colour)}</a:defRPr></a:lvl{level}pPr>"))

    def recolour(self, styles, colour: str) -> None:
        """Another colour for all levels of a style of the master or the presentation."""
        for properties in styles.iter(f"{{{A}}}defRPr"):
            properties[:] = [element(solid(colour)), *properties.findall(f"{{{A}}}latin")]

    def read(self) -> Extract:
        data = io.BytesIO()
        self.presentation.save(data)
        return extract(data.getvalue(), "x.pptx")[1]


def by_the_layout(deck):
    deck.say(deck.content)
    deck.letters(deck.layout.placeholders[1], WHITE)


def by_the_master(deck):
    deck.say(deck.content)
    deck.letters(deck.master.placeholders[1], WHITE)


def by_the_master_s_style(deck):
    deck.say(deck.content)
    deck.recolour(deck.master.element.find(f"{{{P}}}txStyles/{{{P}}}bodyStyle"), "bg1")


def on_the_second_level(deck):
    deck.say(deck.content, level=1)
    deck.letters(deck.layout.placeholders[1], WHITE, level=2)


def by_its_box(deck):
    shape, _ = deck.box()
    styles = shape.element.find(f"{{{P}}}txBody/{{{A}}}lstStyle")
    styles = styles if styles is not None else etree.SubElement(shape.element.txBody, f"{{{A}}}lstStyle")
    shape.element.txBody.insert(1, styles)
    styles.append(element(f"<a:lvl1pPr><a:defRPr>{solid(WHITE)}</a:defRPr></a:lvl1pPr>"))


def by_the_presentation(deck):
    deck.box()
    deck.recolour(deck.presentation.element.find(f"{{{P}}}defaultTextStyle"), WHITE)
    deck.recolour(deck.master.element.find(f"{{{P}}}txStyles/{{{P}}}otherStyle"), WHITE)


def on_the_background_of_the_layout(deck):
    deck.ground(deck.master, NAVY)
    deck.ground(deck.layout, WHITE)
    deck.box()[1].font.color.rgb = RGBColor(255, 255, 255)


def by_swapped_names(deck):
    deck.master.element.find(f"{{{P}}}clrMap").attrib.update(SWAPPED)
    deck.box()[1].font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1


def in_a_group(deck):
    shape = deck.slide.shapes.add_group_shape().shapes.add_textbox(Cm(1), Cm(14), Cm(10), Cm(2))
    deck.say(shape).font.color.rgb = RGBColor(0, 0x20, 0x60)
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor(0, 0x20, 0x60)


def in_a_clear_group(deck):
    shape = deck.slide.shapes.add_group_shape().shapes.add_textbox(Cm(1), Cm(14), Cm(10), Cm(2))
    deck.say(shape).font.color.rgb = RGBColor(255, 255, 255)


def without_ink_by_the_layout(deck):
    deck.say(deck.content)
    deck.letters(deck.layout.placeholders[1], WHITE)
    properties = next(deck.layout.placeholders[1].element.iter(f"{{{A}}}defRPr"))
    properties[:] = [element("<a:noFill/>")]
    deck.ground(deck.master, "FFFF00")


@pytest.mark.parametrize(
    "change",
    [
        by_the_layout,
        by_the_master,
        by_the_master_s_style,
        on_the_second_level,
        by_its_box,
        by_the_presentation,
        on_the_background_of_the_layout,
        by_swapped_names,
        in_a_group,
        in_a_clear_group,
        without_ink_by_the_layout,
    ],
)
def test_letters_that_inherit_the_colour_of_what_they_stand_on_are_left_out_and_counted(change):
    deck = Deck()
    change(deck)
    found = deck.read()
    assert (found.text, found.warnings) == (SHOWN, LEFT_OUT)


def white_on_the_layout_s_navy(deck):
    by_the_layout(deck)
    deck.ground(deck.layout, NAVY)


def white_on_the_master_s_navy(deck):
    by_the_master_s_style(deck)
    deck.ground(deck.master, NAVY)


def white_on_the_slide_s_navy(deck):
    by_the_layout(deck)
    deck.ground(deck.slide, NAVY)


def white_in_a_placeholder_that_the_master_fills(deck):
    by_the_layout(deck)
    deck.master.placeholders[1].element.spPr.append(element(solid(NAVY)))


def white_on_another_level(deck):
    deck.say(deck.content)
    deck.letters(deck.layout.placeholders[1], WHITE, level=2)


def white_by_swapped_names(deck):
    deck.master.element.find(f"{{{P}}}clrMap").attrib.update(SWAPPED)
    deck.say(deck.content)


def of_a_slide_that_swaps_names(deck):
    """Its letters are ``tx1``, here white, and its background its master's ``bg1``, here black."""
    deck.say(deck.content)
    names = dict(deck.master.element.find(f"{{{P}}}clrMap").attrib) | SWAPPED
    said = " ".join(f'{name}="{value}"' for name, value in names.items())
    own = deck.slide.element.find(f"{{{P}}}clrMapOvr")
    own[:] = [element(f"<a:overrideClrMapping {said}/>")]


def of_a_layout_that_swaps_names(deck):
    deck.box()[1].font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1
    names = dict(deck.master.element.find(f"{{{P}}}clrMap").attrib) | SWAPPED
    said = " ".join(f'{name}="{value}"' for name, value in names.items())
    deck.layout.element.find(f"{{{P}}}clrMapOvr")[:] = [element(f"<a:overrideClrMapping {said}/>")]


def on_a_background_of_the_theme_that_is_a_gradient(deck):
    by_the_layout(deck)
    theme = deck.master.part.part_related_by(THEME)
    tree = etree.fromstring(theme.blob)
    fills = next(tree.iter(f"{{{A}}}bgFillStyleLst"))
    fills.insert(0, fills[1])
    assert fills[0].tag == f"{{{A}}}gradFill"
    theme._blob = etree.tostring(tree)


def of_a_slide_with_a_theme_of_its_own(deck):
    deck.box()[1].font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1
    content = "application/vnd.openxmlformats-officedocument.themeOverride+xml"
    package = deck.presentation.part.package
    own = Part(PackURI("/ppt/theme/themeOverride1.xml"), content, package, f'<a:themeOverride xmlns:a="{A}"/>'.encode())
    deck.slide.part.relate_to(own, f"{THEME}Override")


def where_presentation_and_master_disagree(deck):
    deck.box()
    deck.recolour(deck.presentation.element.find(f"{{{P}}}defaultTextStyle"), WHITE)


def of_a_link(deck):
    run = deck.box()[1]
    run.font.color.rgb = RGBColor(255, 255, 255)
    run.hyperlink.address = "https://exemplo.pt"


def with_a_shadow_by_the_layout(deck):
    by_the_layout(deck)
    properties = next(deck.layout.placeholders[1].element.iter(f"{{{A}}}defRPr"))
    properties.append(element("<a:effectLst><a:outerShdw/></a:effectLst>"))


def in_a_group_on_a_dark_shape(deck):
    shapes = deck.slide.shapes.add_group_shape().shapes
    shapes.add_shape(1, Cm(1), Cm(13), Cm(12), Cm(4))
    deck.say(shapes.add_textbox(Cm(1), Cm(14), Cm(10), Cm(2))).font.color.rgb = RGBColor(255, 255, 255)


@pytest.mark.parametrize(
    "change",
    [
        white_on_the_layout_s_navy,
        white_on_the_master_s_navy,
        white_on_the_slide_s_navy,
        white_in_a_placeholder_that_the_master_fills,
        white_on_another_level,
        white_by_swapped_names,
        of_a_slide_that_swaps_names,
        of_a_layout_that_swaps_names,
        on_a_background_of_the_theme_that_is_a_gradient,
        of_a_slide_with_a_theme_of_its_own,
        where_presentation_and_master_disagree,
        of_a_link,
        with_a_shadow_by_the_layout,
        in_a_group_on_a_dark_shape,
    ],
)
def test_letters_that_inherit_another_colour_than_what_they_stand_on_stay(change):
    deck = Deck()
    change(deck)
    found = deck.read()
    assert (found.text, found.warnings) == (f"{SHOWN}\n\n{SECRET}", ())
