"""OpenDocument: what odfdo writes, and the corners of the format written by hand."""

import io
import zipfile

import pytest
from odfdo import Cell, Document, DrawPage, Frame, Header, List, ListItem, Paragraph, Row, Table

from ingest.read import Extract, extract
from rag.errors import UnreadableFile

NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "draw": "drawing",
        "manifest": "manifest",
        "office": "office",
        "presentation": "presentation",
        "style": "style",
        "svg": "svg-compatible",
        "table": "table",
        "text": "text",
    }.items()
)
KINDS = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def package(suffix: str, body: str, styles: str = "", **members: str) -> bytes:
    kind = KINDS[suffix]
    content = (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        for name, text in {"content.xml": content, **members}.items():
            archive.writestr(name, text)
    return data.getvalue()


def found(data: bytes, suffix: str) -> Extract:
    media_type, made = extract(data, f"x.{suffix}")
    assert media_type == f"application/vnd.oasis.opendocument.{KINDS[suffix]}"
    assert all(made.text[h.start : h.end] == h.title for h in made.headings)
    return made


def text(body: str, styles: str = "") -> str:
    return found(package("odt", body, styles), "odt").text


def sheet(rows: str, columns: str = "") -> Extract:
    return found(package("ods", f'<table:table table:name="Preços">{columns}{rows}</table:table>'), "ods")


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def cell(content: str = "", attributes: str = "") -> str:
    shown = f"<text:p>{content}</text:p>" if content else ""
    return f"<table:table-cell {attributes}>{shown}</table:table-cell>"


def saved(document: Document) -> bytes:
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def test_a_text_of_headings_lists_tables_and_notes_comes_in_order():
    document = Document("text")
    document.meta.title = "Contrato de manutenção"
    body = document.body
    body.clear()
    body.append(Header(1, "Garantia"))
    paragraph = Paragraph("A garantia cobre peças e mão de obra.")
    paragraph.insert_note(after="peças", note_id="n1", citation="1", body="Salvo as de desgaste.")
    body.append(paragraph)
    items = List(["Óleo"])
    inner = ListItem("Filtros")
    inner.append(List(["de ar"]))
    items.append(inner)
    body.append(items)
    body.append(Header(2, "Prazos"))
    table = Table("Prazos")
    for values in (["Modelo", "Prazo"], ["P-200", "24 meses"], ["P-300", "36 meses"]):
        made = Row()
        made.set_values(values)
        table.append_row(made)
    body.append(table)
    made = found(saved(document), "odt")
    assert made.text == (
        "Garantia\n\nA garantia cobre peças e mão de obra.\n- Óleo\n- Filtros\n- de ar\n\nPrazos\n\n"
        "Modelo: P-200 | Prazo: 24 meses\nModelo: P-300 | Prazo: 36 meses\n\nSalvo as de desgaste."
    )
    assert [(h.level, h.title) for h in made.headings] == [(1, "Garantia"), (2, "Prazos")]
    assert made.title == "Contrato de manutenção"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<text:p>um<text:s text:c='3'/>dois<text:tab/>três<text:line-break/>quatro</text:p>",
         "um   dois três\nquatro"),
        ("<text:p>Prazo <text:span>de <text:a>45</text:a></text:span> dias</text:p>", "Prazo de 45 dias"),
        ("<text:tracked-changes><text:changed-region><text:deletion><text:p>30 dias</text:p></text:deletion>"
         "</text:changed-region></text:tracked-changes><text:p>Prazo <text:change text:change-id='c'/>45</text:p>",
         "Prazo 45"),
        ("<text:p>já<office:annotation><text:p>rever</text:p></office:annotation> está</text:p>", "já está"),
        ("<text:table-of-content><text:index-body><text:p>Um 3</text:p></text:index-body></text:table-of-content>"
         "<text:h>Um</text:h>", "Um"),
        ("<text:section><text:p>visível</text:p></text:section>"
         "<text:section text:display='none'><text:p>oculta</text:p></text:section>", "visível"),
        ("<text:p>antes<draw:frame><draw:text-box><text:p>na caixa</text:p></draw:text-box><svg:desc>x</svg:desc>"
         "</draw:frame> depois</text:p>", "antes depois\n\nna caixa"),
        ("<text:p>a<draw:rect><text:p>na forma</text:p></draw:rect></text:p>", "a\n\nna forma"),
        ("<text:list><text:list-item><text:p>um</text:p><text:p>mais</text:p></text:list-item>"
         "<text:list-item><text:h text:outline-level='2'>Dois</text:h></text:list-item></text:list>",
         "- um\n\nmais\n\nDois"),
        ("<text:p><text:ruby><text:ruby-base>base</text:ruby-base><text:ruby-text>x</text:ruby-text></text:ruby></text:p>",
         "base"),
        (f"<text:p>muito{'<text:s text:c=' + chr(34) + '999999999' + chr(34) + '/>'}longe</text:p>",
         f"muito{' ' * 100}longe"),
    ],
)  # fmt: skip
def test_a_text_is_read_as_it_is_shown(body, said):
    assert text(body) == said


def test_a_hidden_section_is_counted():
    body = "<text:p>visível</text:p><text:section text:display='none'><text:p>oculta</text:p></text:section>"
    assert found(package("odt", body), "odt").warnings == ("1 hidden section left out",)


def test_the_title_is_known_by_its_style_or_that_of_its_parent():
    styles = "<style:style style:name='P1' style:parent-style-name='Title'/>"
    made = found(package("odt", "<text:p text:style-name='P1'>Contrato</text:p><text:p>Olá</text:p>", styles), "odt")
    assert (made.title, [h.title for h in made.headings]) == ("Contrato", ["Contrato"])


def test_spanned_and_repeated_cells_of_a_text_table_keep_their_columns():
    table = "".join(
        [
            "<table:table-header-rows>",
            row(cell("País"), cell("Cidade"), cell("2023"), cell("2024")),
            "</table:table-header-rows>",
            row(
                cell("Brasil", "table:number-rows-spanned='2'"),
                cell("Caxias"),
                cell("7", "table:number-columns-repeated='2'"),
            ),
            row("<table:covered-table-cell/>", cell("Petrolina"), cell("8"), cell("9")),
        ]
    )  # fmt: skip
    assert text(f"<table:table>{table}</table:table>") == (
        "País: Brasil | Cidade: Caxias | 2023: 7 | 2024: 7\nPaís: Brasil | Cidade: Petrolina | 2023: 8 | 2024: 9"
    )


def test_a_spreadsheet_says_what_it_shows():
    document = Document("spreadsheet")
    document.body.clear()
    table = Table("Preços")
    for values in ([Cell("Peça"), Cell("Preço")], [Cell("Junção"), Cell(1234.5, text="1.234,50 €")]):
        made = Row()
        for column, value in enumerate(values):
            made.set_cell(column, value)
        table.append_row(made)
    document.body.append(table)
    made = found(saved(document), "ods")
    assert made.text == "Preços\n\nPeça: Junção | Preço: 1.234,50 €"
    assert [(h.level, h.title) for h in made.headings] == [(1, "Preços")]


def test_blank_repeated_rows_part_tables_and_cost_nothing():
    filler = cell("", "table:number-columns-repeated='16382'")
    made = sheet(
        row(cell("Peça"), cell("Preço"), filler)
        + row(cell("A"), cell("1"), filler, attributes="table:number-rows-repeated='2'")
        + row(cell("", "table:number-columns-repeated='16384'"), attributes="table:number-rows-repeated='1048000'")
        + row(cell("Fonte: direção"))
        + row(cell("", "table:number-columns-repeated='16384'"), attributes="table:number-rows-repeated='1048000'")
    )
    assert made.text == "Preços\n\nPeça: A | Preço: 1\nPeça: A | Preço: 1\n\nFonte: direção"


def test_a_spreadsheet_that_repeats_its_cells_into_millions_is_refused():
    wide = cell("x", "table:number-columns-repeated='16384'")
    with pytest.raises(UnreadableFile, match="more than 5000000 cells"):
        sheet(row(wide, attributes="table:number-rows-repeated='1048576'") * 6)


def test_what_is_hidden_in_a_spreadsheet_is_left_out_and_counted():
    columns = "<table:table-column/><table:table-column table:visibility='collapse'/><table:table-column/>"
    rows = row(cell("Peça"), cell("Custo"), cell("Preço")) + row(cell("A"), cell("1"), cell("2"))
    rows += row(cell("B"), cell("3"), cell("4"), attributes="table:visibility='filter'")
    rows += row(cell("C"), cell("5"), cell("", "table:formula='of:=1+1'"))
    hidden = f"<table:table table:style-name='ta2' table:name='Oculta'>{rows}</table:table>"
    style = "<style:style style:name='ta2'><style:table-properties table:display='false'/></style:style>"
    data = package("ods", f"<table:table table:name='Preços'>{columns}{rows}</table:table>{hidden}", style)
    made = found(data, "ods")
    assert made.text == "Preços\n\nPeça: A | Preço: 2\nPeça: C"
    assert made.warnings == (
        "1 hidden sheet left out",
        "1 hidden row left out",
        "1 hidden column left out",
        "1 formula without a stored value left out; open it in its program and save it again",
    )


def test_merged_cells_and_bare_values_of_a_spreadsheet_are_read():
    made = sheet(
        row(cell("Vendas de 2024", "table:number-columns-spanned='2'"), "<table:covered-table-cell/>")
        + row(cell("Mês"), cell("Total"))
        + row(cell("Março"), cell("", "office:value-type='float' office:value='12.5'"))
    )
    assert made.text == "Preços\n\nVendas de 2024\n\nMês: Março | Total: 12.5"


def test_slides_of_an_opendocument_are_pages_in_reading_order_with_notes():
    document = Document("presentation")
    document.body.clear()
    page = DrawPage("p1", name="um")
    for content, place, kind in (
        ("à direita", ("15cm", "5cm"), None),
        ("à esquerda", ("1cm", "52mm"), None),
        ("Manutenção", ("1cm", "20cm"), "title"),
        ("3", ("25cm", "19cm"), "page-number"),
    ):
        page.append(Frame.text_frame(content, position=place, size=("8cm", "3cm"), presentation_class=kind))
    document.body.append(page)
    made = found(saved(document), "odp")
    assert made.text == "Manutenção\n\nà esquerda\n\nà direita"
    assert [(p.number, p.start, p.end) for p in made.pages] == [(1, 0, len(made.text))]
    assert [h.title for h in made.headings] == ["Manutenção"]


def test_groups_lists_notes_and_hidden_slides_of_a_presentation():
    def frame(content: str, x: str, y: str, attributes: str = "") -> str:
        return (
            f"<draw:frame svg:x='{x}' svg:y='{y}' svg:height='2cm' {attributes}>"
            f"<draw:text-box>{content}</draw:text-box></draw:frame>"
        )

    listed = "<text:list><text:list-item><text:p>Óleo</text:p></text:list-item></text:list>"
    moved = "draw:transform='rotate (0.5) translate (1cm 0.5in)'"
    shape = f"<draw:custom-shape {moved}><text:p>primeiro</text:p></draw:custom-shape>"
    notes = frame("<text:p>Lembrar: não para.</text:p>", "0cm", "0cm", "presentation:class='notes'")
    group = f"<draw:g>{frame('<text:p>grupo</text:p>', '1cm', '9cm')}</draw:g>"
    body = (
        f"<draw:page draw:style-name='dp1'>{group}{frame(listed, '1cm', '5cm')}{shape}"
        f"<presentation:notes>{notes}</presentation:notes></draw:page>"
        f"<draw:page draw:style-name='dp2'>{frame('<text:p>segredo</text:p>', '1cm', '1cm')}</draw:page>"
        f"<draw:page>{frame('<text:p>fim</text:p>', '1cm', '1cm')}</draw:page>"
    )
    style = (
        "<style:style style:name='dp2'><style:drawing-page-properties presentation:visibility='hidden'/></style:style>"
    )
    made = found(package("odp", body, style), "odp")
    assert [(p.number, made.text[p.start : p.end]) for p in made.pages] == [
        (1, "primeiro\n- Óleo\n\ngrupo\n\nLembrar: não para."),
        (3, "fim"),
    ]
    assert made.warnings == ("1 hidden slide left out",)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_password_a_missing_body_and_a_cut_are_refused(suffix):
    entry = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    encrypted = f"<manifest:manifest {NAMESPACES}>{entry}</manifest:manifest>"
    whole = package(suffix, "<text:p>Olá</text:p>" * 100)
    for data, reason in (
        (package(suffix, "", **{"META-INF/manifest.xml": encrypted}), "protected by a password"),
        (package(suffix, "", **{"content.xml": "<a/>"}), "no body"),
        (package(suffix, "", **{"content.xml": "<a"}), "no well-formed XML"),
        (whole[: len(whole) // 2], "a damaged archive"),
        (package(suffix, ""), "no text in it"),
    ):
        with pytest.raises(UnreadableFile, match=reason):
            extract(data, f"x.{suffix}")
