"""Mailboxes as the mailbox module writes them: each mail found, and no more of them than there are."""

import mailbox
from email.message import EmailMessage

import pytest

from ingest.read import extract
from rag.errors import UnreadableFile
from tests.ingest.test_mail import mail


def box(tmp_path, *messages: EmailMessage) -> bytes:
    file = mailbox.mbox(tmp_path / "correio.mbox")
    for message in messages:
        file.add(message)
    file.close()
    return (tmp_path / "correio.mbox").read_bytes()


def test_each_mail_of_a_mailbox_is_a_heading(tmp_path):
    broken = mail("Segunda.", subject="Férias")
    broken.add_attachment(b"\x89PNG\r\n\x1a\n", "image", "png", filename="foto.png")
    data = box(tmp_path, mail("From here on.\n\nFrom there.", subject="Obra"), broken)
    for name in ("correio.mbox", "correio"):
        media_type, found = extract(data, name)
        assert media_type == "application/mbox"
        assert [(h.level, h.title) for h in found.headings] == [(1, "Obra"), (1, "Férias")]
        assert all(found.text[h.start : h.end] == h.title for h in found.headings)
        assert "\n\nFrom here on.\n\nFrom there.\n\nFérias\n\n" in found.text
        assert found.warnings == ("mail 2: attachment foto.png: an image (PNG)",)


def test_what_is_said_of_many_mails_is_said_once(tmp_path):
    with_picture = [mail(f"Texto {n}.", subject=f"Obra {n}") for n in range(3)]
    for message in with_picture:
        message.add_attachment(b"\x89PNG\r\n\x1a\n", "image", "png", filename="logo.png")
    found = extract(box(tmp_path, mail("Sem nada.", subject="Olá"), *with_picture), "correio.mbox")[1]
    assert found.warnings == ("3 mails from mail 2 on: attachment logo.png: an image (PNG)",)


def test_a_line_that_only_begins_like_a_postmark_divides_nothing():
    data = b"From a@b Mon May  6 10:00:00 2024\nFrom: a@b\nSubject: s\n\num\n\nFrom now on, dois\n"
    assert extract(data, "c.mbox")[1].text.endswith("um\n\nFrom now on, dois")


def test_a_mailbox_without_mail_is_refused():
    with pytest.raises(UnreadableFile, match="no mail in it"):
        extract(b"nothing of the kind", "c.mbox")
