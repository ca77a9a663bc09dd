"""The control words of Rich Text Format that have a meaning of their own here, and its encodings."""

from __future__ import annotations

__all__ = ["CHARSETS", "CODE_PAGES", "ENDS", "LEFT_OUT", "SIGNS", "SYMBOLS", "UNSHOWN"]

UNSHOWN = frozenset(
    "fonttbl colortbl stylesheet info pict objdata ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn fldinst xe tc rxe txe "
    "bkmkstart bkmkend listtable listoverridetable nonesttables nonshppict background template generator".split()
)
"""Groups that are not text of the document, though one inside them may be: a title, the text of a box."""
LEFT_OUT = frozenset("header headerl headerr headerf footer footerl footerr footerf shprslt annotation".split())
"""Groups left out with all that is inside: what repeats on each page, what says again what was said, comments."""
ENDS = frozenset({"par", "sect", "page", "column"})
SIGNS = {
    "tab": "\t",
    "line": "\n",
    "softline": "\n",
    "lbr": "\n",
    "emdash": "—",
    "endash": "–",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "nestcell": "; ",
    "nestrow": "\n",
}
SYMBOLS = {"~": "\u00a0", "_": "-", "{": "{", "}": "}", "\\": "\\", "\t": "\t"}
CODE_PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
"""``\\fcharset`` of a font → encoding; those not here are in the document's own."""
