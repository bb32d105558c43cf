"""Word files, made by hand."""

import io
import zipfile
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_file(body: str, **parts: str) -> bytes:
    """A .docx as Word writes it, with this between the tags of its body."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'  # noqa: E501
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'  # noqa: E501
            "</Types>",
        )
        package.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'  # noqa: E501
            "</Relationships>",
        )
        package.writestr(
            "word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        )
        for name, content in parts.items():
            package.writestr(f"word/{name}.xml", content)
    return made.getvalue()


def paragraph(text: str, style: str = "", run: str = "") -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r>{run}<w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def run(text: str, *, raised: str = "", more: str = "") -> str:
    """A run with these properties; the text is XML already."""
    vertical = f'<w:vertAlign w:val="{raised}"/>' if raised else ""
    return f"<w:r><w:rPr>{more}{vertical}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def related_word_file(body: str, **parts: str) -> bytes:
    """The same with the relations by which Word finds notes, comments, styles and headers."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = "".join(
        f'<Relationship Id="p{number}" Type="{kind}/{name.rstrip("0123456789")}"'
        f' Target="{name}.xml"/>'
        for number, name in enumerate(parts)
    )
    made = io.BytesIO(word_file(body, **parts))
    with zipfile.ZipFile(made, "a") as package:
        package.writestr(
            "word/_rels/document.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{related}</Relationships>",
        )
    return made.getvalue()


def field(code: str, shown: str, data: str = "") -> str:
    """A field as Word writes it: its code in pieces, and what is shown; ``data`` is its base64."""
    held = f"<w:fldData xml:space='preserve'>{data}</w:fldData>" if data else ""
    pieces = "".join(
        f"<w:r><w:instrText xml:space='preserve'>{escape(code[at : at + 200])}</w:instrText></w:r>"
        for at in range(0, len(code), 200)
    )
    return (
        f'<w:r><w:fldChar w:fldCharType="begin">{held}</w:fldChar></w:r>{pieces}'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(shown)}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
