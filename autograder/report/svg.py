"""matplotlib's SVG made fit for a page of ours: themed, accessible, and allowed by the page's policy.

matplotlib writes every style into ``style`` attributes, which a policy that allows one style sheet forbids, and fixed
colours, which do not change with the reader's scheme. Both are rewritten: a declaration becomes the attribute of its
name, a colour of this module the class of its name.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

# Colours to draw with; the page's style sheet says what each really is, by day and by night.
INK, SOFT, RULE, ACCENT, WRONG = "#000001", "#000002", "#000003", "#000004", "#000005"
_CLASSES = {INK: "ink", SOFT: "soft", RULE: "rule", ACCENT: "accent", WRONG: "wrong"}

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_LEFT_TO_THE_PAGE = {"font-family", "font"}
_KEPT = {
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap"),
    *("stroke-linejoin", "opacity", "fill-opacity", "stroke-opacity", "font-size", "text-anchor"),
}


def themed(drawing: bytes, name: str, title: str, alternative: str) -> str:
    """The ``<svg>`` element to put into a page. ``name`` is unique there; title and alternative are read aloud."""
    root = ElementTree.fromstring(drawing)
    _simplify(root)
    _rename(root, name)
    box = root.attrib["viewBox"]
    labels = f"{name}-title {name}-text"
    root.attrib.clear()
    root.attrib |= {"viewBox": box, "class": "chart", "role": "img", "aria-labelledby": labels}
    for at, (tag, text) in enumerate((("title", title), ("desc", alternative))):
        label = Element(tag, {"id": f"{name}-{('title', 'text')[at]}"})
        label.text = text
        root.insert(at, label)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _simplify(element: Element) -> None:
    """Style declarations become attributes, namespaces go, and so does what is no drawing."""
    element.tag = element.tag.removeprefix(_SVG)
    for child in list(element):
        if child.tag.removeprefix(_SVG) in ("metadata", "style"):
            element.remove(child)
        else:
            _simplify(child)
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in _KEPT:
            element.attrib[name] = value
        elif name and name not in _LEFT_TO_THE_PAGE:
            raise ValueError(f"matplotlib draws with a style that is not known here: {name}")
    if (href := element.attrib.pop(f"{_XLINK}href", None)) is not None:
        element.attrib["href"] = href
    classes = []
    for name in ("fill", "stroke"):
        if (colour := _CLASSES.get(element.attrib.get(name, ""))) is not None:
            del element.attrib[name]
            classes.append(f"{name}-{colour}")
    if classes:
        element.attrib["class"] = " ".join(classes)
    if element.text and not element.text.strip():
        element.text = None
    element.tail = None
    if "d" in element.attrib:
        element.attrib["d"] = " ".join(element.attrib["d"].split())


def _rename(root: Element, name: str) -> None:
    """Ids are a page's, not a drawing's: those that are referred to get ``name`` in front, the others go."""
    used = set()
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if attribute == "href" and value.startswith("#"):
                used.add(value[1:])
                element.attrib[attribute] = f"#{name}-{value[1:]}"
            elif value.startswith("url(#"):
                used.add(value[5:-1])
                element.attrib[attribute] = f"url(#{name}-{value[5:-1]})"
    for element in root.iter():
        if (identity := element.attrib.pop("id", None)) in used:
            element.attrib["id"] = f"{name}-{identity}"
