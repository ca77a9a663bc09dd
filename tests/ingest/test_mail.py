"""Mail: who said what to whom, what was attached, and nothing lost where a field, a charset or a part is wrong."""

import base64
import contextlib
import io
from email.message import EmailMessage

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import Extract, extract
from rag.errors import UnreadableFile


def mail(text: str = "O prazo é de 30 dias.", subject: str = "Orçamento — peças", **fields: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Ana Conceição <ana@loja.pt>"
    message["To"] = "rui@obra.pt"
    message["Date"] = "Mon, 06 May 2024 10:00:00 +0100"
    for name, value in fields.items():
        message[name] = value
    message.set_content(text)
    return message


def read(message: EmailMessage | bytes, name: str = "m.eml") -> Extract:
    media_type, found = extract(message if isinstance(message, bytes) else message.as_bytes(), name)
    assert media_type == "message/rfc822"
    assert all(found.text[h.start : h.end] == h.title for h in found.headings)
    return found


def body(message: EmailMessage | bytes) -> str:
    """The text after the header fields."""
    return read(message).text.partition("+0100\n\n")[2]


def word_file() -> bytes:
    document, data = docx.Document(), io.BytesIO()
    document.add_heading("Condições", 1)
    document.add_paragraph("Pagamento em 60 dias.")
    document.save(data)
    return data.getvalue()


@pytest.mark.parametrize("name", ["m.eml", "m.txt", "m"])
def test_a_mail_is_known_by_its_header_and_says_who_wrote_to_whom(name):
    found = read(mail(Cc="eva@obra.pt"), name)
    assert found.title == "Orçamento — peças"
    assert [(h.level, h.title) for h in found.headings] == [(1, "Orçamento — peças")]
    assert found.text == (
        "Orçamento — peças\n\nFrom: Ana Conceição <ana@loja.pt>\nTo: rui@obra.pt\nCc: eva@obra.pt\n"
        "Date: Mon, 06 May 2024 10:00:00 +0100\n\nO prazo é de 30 dias."
    )
    assert found.warnings == ()


def test_a_note_about_mail_is_a_note():
    assert extract(b"From: the sender\n\nTo: the receiver, see below.", "n.txt")[0] == "text/plain"
    assert extract(b"Subject: a memo\nDate: today\n\nText.", "n.txt")[0] == "text/plain"


def test_a_mail_without_subject_is_called_by_its_sender():
    found = read(b"From: Ana <ana@loja.pt>\nTo: rui@obra.pt\nDate: x\n\nSim.")
    assert found.title == "Ana <ana@loja.pt>"


def test_plain_text_is_preferred_unless_it_is_blank():
    message = mail("Em texto.")
    message.add_alternative("<p>Em <b>HTML</b>.</p>", subtype="html")
    assert body(message) == "Em texto."
    message = mail("  \n")
    message.add_alternative("<h1>Aviso</h1><table><tr><th>A<th>B<tr><td>1<td>2</table>", subtype="html")
    found = read(message)
    assert found.text.endswith("Aviso\n\nA: 1 | B: 2")
    assert [(h.level, h.title) for h in found.headings][1:] == [(2, "Aviso")]


def test_a_page_that_declares_its_encoding_is_read():
    message = mail()
    message.set_content('<?xml version="1.0" encoding="utf-8"?><html><p>Já está.</p></html>', subtype="html")
    assert body(message) == "Já está."


def test_the_pictures_of_a_page_are_no_attachments():
    message = mail()
    message.set_content("<p>Bom dia <img src='cid:logo'></p>", subtype="html")
    message.add_related(b"\x89PNG\r\n\x1a\n", "image", "png", cid="<logo>")
    assert read(message).warnings == ()


def test_attachments_are_read_under_their_names_with_their_headings_below():
    message = mail()
    message.add_attachment("peça;preço\nválvula;12\n".encode("cp1252"), "text", "csv", filename="preços.csv")
    message.add_attachment(word_file(), "application", "octet-stream", filename="contrato.docx")
    found = read(message)
    assert found.text.endswith(
        "preços.csv\n\npeça: válvula | preço: 12\n\ncontrato.docx\n\nCondições\n\nPagamento em 60 dias."
    )
    assert [(h.level, h.title) for h in found.headings] == [
        (1, "Orçamento — peças"),
        (2, "preços.csv"),
        (2, "contrato.docx"),
        (3, "Condições"),
    ]
    assert found.warnings == ("attachment preços.csv: read as cp1252",)


def test_an_unreadable_attachment_is_named_with_the_reason_and_costs_nothing_else():
    message = mail()
    message.add_attachment(b"\x89PNG\r\n\x1a\n", "image", "png", filename="foto.png")
    message.add_attachment(word_file()[:-200], "application", "octet-stream", filename="cortado.docx")
    message.add_attachment(b"Depois.", "text", "plain", filename="nota.txt")
    found = read(message)
    assert found.text.endswith("O prazo é de 30 dias.\n\nnota.txt\n\nDepois.")
    assert found.warnings[0] == "attachment foto.png: an image (PNG)"
    assert found.warnings[1].startswith("attachment cortado.docx: a damaged archive")


def test_a_readers_bug_on_an_attachment_is_that_attachments(monkeypatch):
    monkeypatch.setattr("ingest.read.csv.read", lambda data: 1 / 0)
    message = mail()
    message.add_attachment(b"a;b", "text", "csv", filename="t.csv")
    found = read(message)
    assert found.text.endswith("O prazo é de 30 dias.")
    assert found.warnings == ("attachment t.csv: its reader failed: ZeroDivisionError('division by zero')",)


def test_an_attachment_without_a_name_is_read_by_its_kind():
    message = mail()
    message.add_attachment(b'{"a": {"b": "c"}}', "application", "json")
    assert read(message).text.endswith("json.json\n\na › b: c")


def test_a_mail_inside_a_mail_is_a_part_of_it_and_they_end_somewhere():
    message = mail("no fundo", subject="fundo")
    for level in range(7):
        outer = mail(f"texto {level}", subject=f"mail {level}")
        if level % 2:
            outer.add_attachment(message)
        else:
            outer.add_attachment(message.as_bytes(), "application", "octet-stream", filename="fwd.eml")
        message = outer
    found = read(message)
    assert [(h.level, h.title) for h in found.headings] == [(n, f"mail {7 - n}") for n in range(1, 6)]
    assert "texto 2" in found.text
    assert found.warnings == ("attachment fwd.eml: more than 5 mails inside one another",)


def test_a_mail_attached_in_base64_is_read():
    inner = base64.encodebytes(mail("por dentro").as_bytes()).decode()
    data = (
        "From: a@b\nTo: c@d\nSubject: fora\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
        f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}\n--x--\n"
    )
    assert read(data.encode()).text.endswith("por dentro")


def test_attachments_beyond_the_hundredth_are_left_out_and_that_is_said():
    message = mail()
    for number in range(102):
        message.add_attachment(f"texto {number}.".encode(), "text", "plain", filename=f"{number}.txt")
    found = read(message)
    assert found.text.endswith("texto 99.")
    assert found.warnings == ("more than 100 attachments: the others were left out",)


def test_text_after_an_attachment_is_the_mails_own():
    message = mail("Antes.")
    message.add_attachment(b"Dentro.", "text", "plain", filename="n.txt")
    rest = EmailMessage()
    rest.set_content("Depois.")
    message.attach(rest)
    assert body(message) == "Antes.\n\nDepois.\n\nn.txt\n\nDentro."


def test_signatures_are_left_out_and_what_is_encrypted_is_said():
    parts = "--x\nContent-Type: text/plain\n\nAssinado.\n--x\nContent-Type: application/pgp-signature\n\nabc\n--x--\n"
    header = "From: a@b\nTo: c@d\nSubject: s\nContent-Type: multipart/{}; boundary=x\n\n"
    found = read((header.format("signed") + parts).encode())
    assert found.text.endswith("Assinado.")
    assert found.warnings == ()
    found = read((header.format("encrypted") + parts).encode())
    assert "Assinado" not in found.text
    assert found.warnings == ("attachment encrypted: encrypted",)


def test_a_report_of_delivery_says_what_failed():
    report = (
        "From: mailer@b\nTo: c@d\nSubject: Falhou\nContent-Type: multipart/report; boundary=x\n\n--x\n"
        "Content-Type: text/plain\n\nNão foi entregue.\n--x\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; b\n\nFinal-Recipient: rfc822; rui@obra.pt\nStatus: 5.1.1\n--x--\n"
    )
    found = read(report.encode())
    assert "Não foi entregue." in found.text
    assert "Final-Recipient: rfc822; rui@obra.pt\nStatus: 5.1.1" in found.text


def test_quoted_history_comes_after_the_mails_own_text_under_the_line_that_says_whose_it_is():
    asked = "Em seg., 6 de mai. de 2024 às 10:00, Rui <rui@obra.pt>\nescreveu:\n\n> Qual é o prazo?\n> > antigo\n"
    found = read(mail(f"{asked}\nSão 30.\n"))
    whose = "Em seg., 6 de mai. de 2024 às 10:00, Rui <rui@obra.pt> escreveu:"
    assert found.text.endswith(f"\n\nSão 30.\n\n{whose}\n\nQual é o prazo?\nantigo")
    assert [(h.level, h.title) for h in found.headings][1:] == [(2, whose)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("> Qual é o prazo?\n\nSão 30.", "São 30.\n\n> Qual é o prazo?"),
        ("> Prazo?\nSão 30.\n> Preço?\nSão 9.", "> Prazo?\nSão 30.\n> Preço?\nSão 9."),
        ("Sim.\n\nRui wrote:\n> Prazo?", "Sim.\n\nRui wrote:\n\nPrazo?"),
        ("Sim. Ele escreveu isto:\n\nNada citado.", "Sim. Ele escreveu isto:\n\nNada citado."),
    ],
)
def test_answers_among_the_lines_they_answer_stay_there(text, shown):
    assert body(mail(text)) == shown


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "x-nonsense", "utf-16", ""])
def test_a_charset_that_is_wrong_is_looked_at(declared):
    kind = f"Content-Type: text/plain; charset={declared}\n" if declared else ""
    data = f"From: a@b\nTo: c@d\nSubject: s\n{kind}\nNão há ação já.".encode("cp1252")
    found = read(data)
    assert found.text.endswith("Não há ação já.")
    assert found.warnings == ((f"its text says it is {declared} and is not: read as cp1252",) if declared else ())


def test_who_says_latin1_writes_windows_1252():
    data = "From: a@b\nTo: c@d\nSubject: s\nContent-Type: text/plain; charset=iso-8859-1\n\n“Ação” – 5 €"
    assert read(data.encode("cp1252")).text.endswith("“Ação” – 5 €")


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?B?T3LDp2FtZW50bw==?= final", "Orçamento final"),
        (b"=?iso-8859-1?Q?A=E7=E3o?=\n =?iso-8859-1?Q?_j=E1?=", "Ação já"),
        (b"=?x-nonsense?Q?A=E7=E3o?=", "Ação"),
        (b"=?utf-8?B?T?= C:\\users", "=?utf-8?B?T?= C:\\users"),
        ("Ação já".encode("cp1252"), "Ação já"),
        ("Ação já".encode(), "Ação já"),
        (b"one\n two", "one two"),
    ],
)
def test_a_subject_is_decoded_whatever_it_is_in(raw, subject):
    assert read(b"From: a@b\nTo: c@d\nSubject: " + raw + b"\n\nx").title == subject


def test_an_attachments_name_is_decoded_in_either_way():
    for name in ('filename="=?utf-8?Q?pre=C3=A7os=2Etxt?="', "filename*=utf-8''pre%C3%A7os.txt"):
        data = (
            "From: a@b\nTo: c@d\nSubject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
            f"Content-Disposition: attachment; {name}\n\nDentro.\n--x--\n"
        )
        assert [h.title for h in read(data.encode()).headings] == ["s", "preços.txt"]


def test_a_mail_saved_in_utf16_is_read():
    assert read(mail().as_string().encode("utf-16")).text.endswith("30 dias.")


def test_a_mail_cut_short_is_read_as_far_as_it_goes():
    message = mail()
    message.add_attachment(b"x" * 300, "text", "plain", filename="n.txt")
    data = message.as_bytes()
    assert "O prazo é de 30 dias." in read(data[: data.index(b"n.txt")]).text


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            "Subject Content-Type Content-Disposition Content-Transfer-Encoding Date To".split()
        ).flatmap(
            lambda name: st.lists(
                st.sampled_from(
                    'text/plain multipart/mixed;boundary=x message/rfc822 ;charset= =?utf-8?q? ?= *0*= filename " < ( '
                    "base64 attachment [ ] : '' %E9 \\ é utf-8 7bit".split()
                ),
                max_size=6,
            ).map(lambda bits: f"{name}: {''.join(bits)}")
        ),
        max_size=5,
    ),
    st.binary(max_size=80),
)  # fmt: skip
def test_a_mail_with_wrong_fields_is_read_or_refused_with_a_reason(fields, rest):
    data = "\n".join(["From: ana@loja.pt", *fields, "", ""]).encode("cp1252") + rest
    with contextlib.suppress(UnreadableFile):
        assert "ana@loja.pt" in extract(data, "m.eml")[1].text
