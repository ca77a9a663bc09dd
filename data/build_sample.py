"""Make the sample folder's Word and PDF files from the plain text in this file: ``python data/build_sample.py``.

The other files of ``data/sample`` are written by hand. Needs python-docx, reportlab, Pillow and the fonts that come
with matplotlib, which the development environment has. The scanned page is a picture of text, as a scanner makes it: it has no text layer.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib

SAMPLE = Path(__file__).parent / "sample"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"

Block = str | list[list[str]]
"""A paragraph; ``# `` and ``## `` begin headings, ``- `` items; or a table, its header first."""

EXPENSES_2023: list[Block] = [
    "Política de despesas e viagens 2023",
    "Versão 2023, em vigor de 1.º de janeiro a 31 de dezembro de 2023. Responsável: Diretoria Financeira.",
    "# Regras gerais",
    "Toda viagem a serviço é autorizada antes pelo gestor. As despesas são reembolsadas mediante nota fiscal em nome da "
    "empresa, apresentada em até 20 dias depois da volta. Bebidas alcoólicas não são reembolsadas.",
    "# Hospedagem",
    "O limite da diária de hotel é de R$ 280,00 nas capitais e de R$ 210,00 nas demais cidades, com café da manhã. A "
    "reserva é feita pela agência contratada.",
    "# Alimentação",
    "O limite de alimentação em viagem é de R$ 90,00 por dia. Jantares com clientes precisam da autorização do gerente.",
    "# Transporte",
    "O uso do carro próprio é reembolsado a R$ 1,10 por quilômetro. Passagens aéreas são compradas em classe econômica, "
    "com pelo menos dez dias de antecedência.",
    "# Adiantamentos",
    "O adiantamento máximo é de R$ 1.500,00 por viagem e a prestação de contas é feita em 20 dias.",
]
EXPENSES_2024: list[Block] = [
    "Política de despesas e viagens 2024",
    "Versão 2024, em vigor desde 1.º de janeiro de 2024. Substitui a versão 2023. Responsável: Diretoria Financeira.",
    "# Regras gerais",
    "Toda viagem a serviço é autorizada antes pelo gestor. As despesas são reembolsadas mediante nota fiscal em nome da "
    "empresa, apresentada em até 15 dias depois da volta. Bebidas alcoólicas não são reembolsadas.",
    "# Hospedagem",
    "O limite da diária de hotel é de R$ 340,00 nas capitais e de R$ 250,00 nas demais cidades, com café da manhã. A "
    "reserva é feita pela agência contratada.",
    "# Transporte",
    "O uso do carro próprio é reembolsado a R$ 1,35 por quilômetro. Passagens aéreas são compradas em classe econômica, "
    "com pelo menos 14 dias de antecedência; voos de mais de oito horas podem ser em classe executiva, com autorização "
    "da diretora-geral.",
    "# Adiantamentos",
    "O adiantamento máximo é de R$ 2.000,00 por viagem e a prestação de contas é feita em 15 dias. Quem não presta "
    "contas no prazo tem o valor descontado do salário seguinte.",
    "# Alçadas de aprovação",
    [
        ["Valor da viagem", "Quem aprova"],
        ["até R$ 3.000,00", "gestor direto"],
        ["de R$ 3.000,01 a R$ 12.000,00", "gerente da área"],
        ["acima de R$ 12.000,00", "diretora-geral"],
    ],
]
ONBOARDING: list[Block] = [
    "Onboarding guide for new colleagues",
    "Welcome to Nascente. This guide was written for colleagues who join from abroad and for the Porto office. It was "
    "last reviewed in January 2024.",
    "# Your first day",
    "Come to the front desk at 8:30 with your passport and your work permit. Your buddy will meet you there, show you "
    "the building and have lunch with you. Your badge opens the main gate, the office floor and the canteen; access to "
    "the laboratory is granted after the safety course.",
    "# Your first week",
    "- Monday: badge, notebook and accounts.",
    "- Tuesday: safety course, from 9:00 to 12:00, in the training room.",
    "- Wednesday: tour of the factory with the production team.",
    "- Thursday: product training; you will take a P-200 apart and put it together again.",
    "- Friday: talk with your manager about the goals of the first 90 days.",
    "# Probation",
    "The probation period is 90 days. Your manager gives you written feedback after 30 and after 75 days.",
    "# Pay and benefits",
    "Salaries are paid on the fifth working day of the month. The health plan starts on the first day and covers your "
    "spouse and children; you pay 20 % of its price. The meal card for the canteen is loaded with R$ 38.00 for each "
    "working day. A language course is paid for in full during the first year.",
    "# Time off",
    "You earn 30 calendar days of leave for each year of work. Sick leave is reported to your manager before 9:00, and "
    "a doctor's note is needed from the second day on.",
    "# Whom to ask",
    [
        ["Subject", "Person", "Extension"],
        ["Payroll and benefits", "Bruna Lopes", "4121"],
        ["Notebook and accounts", "IT support desk", "4150"],
        ["Safety", "Otávio Reis", "4180"],
        ["Visas and housing", "Bruna Lopes", "4121"],
    ],
]
MANUAL: list[Block] = [
    "Manual das bombas P-200, P-220 e P-300",
    "Leia este manual antes de instalar a bomba e guarde-o perto dela. Edição 5, janeiro de 2024.",
    "# 1 Segurança",
    "Desligue a energia no disjuntor antes de qualquer serviço na bomba. A ligação elétrica deve ser feita por "
    "eletricista e protegida por um dispositivo diferencial de 30 mA. Nunca toque no motor logo depois do uso: a "
    "carcaça pode passar de 70 °C.",
    "# 2 Dados técnicos",
    [
        ["Modelo", "Potência", "Tensão", "Vazão máxima", "Altura máxima", "Peso"],
        ["P-200", "0,75 kW", "220 V", "4,5 m³/h", "32 m", "9,8 kg"],
        ["P-220", "1,1 kW", "220 V", "6,2 m³/h", "40 m", "11,4 kg"],
        ["P-300", "2,2 kW", "380 V", "11 m³/h", "52 m", "21,0 kg"],
    ],
    "A temperatura da água não pode passar de 40 °C. A altura de sucção é de no máximo sete metros para a P-200 e a "
    "P-220 e de seis metros para a P-300.",
    "# 3 Instalação",
    "Escolha um lugar seco, ventilado e à sombra, o mais perto possível da água. Fixe a bomba numa base de concreto com "
    "os quatro parafusos M8 que a acompanham. Use na sucção um tubo de diâmetro igual ou maior que o do bocal e ponha "
    "na ponta uma válvula de pé com crivo, a pelo menos 30 cm do fundo.",
    "Antes da primeira partida, encha a carcaça com água pelo bujão de escorva. Uma bomba que funciona a seco por mais "
    "de 60 segundos danifica o selo mecânico.",
    "# 4 Operação",
    "Abra o registro de saída só até a metade, ligue a bomba e abra o resto devagar. O nível de ruído aumenta quando "
    "entra ar pela sucção; nesse caso, desligue e reaperte as conexões. A bomba pode trabalhar no máximo 16 horas por "
    "dia; dê a ela um descanso de 30 minutos a cada quatro horas quando a temperatura do ar passar de 35 °C.",
    "# 5 Códigos de erro",
    "O painel das bombas com proteção eletrônica mostra um código quando a bomba para.",
    [
        ["Código", "Causa", "O que fazer"],
        ["E1", "falta de água na sucção", "verifique o nível do poço e escorve de novo"],
        ["E2", "tensão fora da faixa", "chame um eletricista"],
        ["E3", "motor acima de 110 °C", "espere 40 minutos e limpe a ventoinha"],
        ["E4", "rotor travado", "desligue e retire a sujeira pelo bocal"],
        ["E5", "sensor de pressão com defeito", "procure a assistência autorizada"],
        ["E6", "mais de 20 partidas por hora", "calibre o tanque de pressão"],
    ],
    "Para apagar o código, desligue a bomba da tomada por dez segundos. Se o mesmo código voltar três vezes no mesmo "
    "dia, procure a assistência autorizada.",
    "# 6 Manutenção",
    [
        ["Serviço", "Intervalo", "Quem faz"],
        ["Limpar o crivo", "a cada mês", "o usuário"],
        ["Engraxar o mancal com 20 g de HG-2", "a cada 1.500 horas", "o usuário"],
        ["Trocar os anéis de vedação", "a cada 3.000 horas", "a assistência"],
        ["Trocar o selo mecânico", "a cada 6.000 horas", "a assistência"],
    ],
    "No inverno, onde houver geada, esvazie a carcaça pelo bujão de dreno: a água que congela trinca o ferro fundido.",
    "# 7 Descarte",
    "Não jogue a bomba no lixo comum. As assistências autorizadas recebem bombas velhas sem custo e dão um desconto de "
    "5% na compra de uma nova.",
]
SAFETY: list[Block] = [
    "Safety data sheet: HG-2 bearing grease",
    "Revision 4, 9 October 2023. This sheet summarises the manufacturer's document for users of Nascente pumps.",
    "# 1 Identification",
    "HG-2 is a lithium-calcium grease for the bearings of P and S series pumps. Supplier: Lubrisul Ltda., Porto Alegre. "
    "Emergency telephone, day and night: 0800 722 6001.",
    "# 2 Hazards",
    "The product is not classified as dangerous. Long and repeated contact with the skin may cause irritation. Grease "
    "injected under the skin by a pressure gun is a surgical emergency even if the wound looks small.",
    "# 3 First aid",
    "- Eyes: rinse with water for 15 minutes and see a doctor if redness persists.",
    "- Skin: wash with soap and water; take off dirty clothes.",
    "- Swallowed: do not induce vomiting; rinse the mouth and call the emergency telephone.",
    "- Inhaled: not likely at room temperature; go into fresh air.",
    "# 4 Fire",
    "Use dry powder, foam or carbon dioxide. Do not use a water jet, which spreads the burning grease. The flash point "
    "is above 210 °C.",
    "# 5 Storage and handling",
    "Keep the cartridges closed, between 5 °C and 35 °C, away from sunlight. An opened cartridge is good for 12 months; "
    "an unopened one for 36 months from the date of manufacture.",
    "# 6 Protection",
    "Wear nitrile gloves and safety glasses when using a grease gun. No breathing protection is needed in normal use.",
    "# 7 Spills and disposal",
    "Scrape up the grease, cover the rest with sand or sawdust and sweep it into a closed container. Do not let it reach "
    "drains or rivers. Hand used grease to a licensed collector under waste code 12 01 12.",
    "# 8 Properties",
    [
        ["Property", "Value"],
        ["Colour", "amber"],
        ["Density at 20 °C", "0.91 g/cm³"],
        ["Dropping point", "185 °C"],
        ["Working temperature", "-20 °C to 130 °C"],
    ],
]
SCANNED = [
    "NASCENTE BOMBAS",
    "Comprovante de entrega n. 8812",
    "",
    "Cliente: Cooperativa Boa Esperança",
    "14 bombas P-220, 2 inversores SV-1",
    "Recebido em 27/06/2023",
]


def word(path: Path, blocks: list[Block]) -> None:
    """A Word file with real headings, lists and tables; dates fixed so that the file can be made again."""
    from datetime import UTC, datetime

    from docx import Document

    document = Document()
    title, *rest = blocks
    document.core_properties.title = str(title)
    document.core_properties.created = document.core_properties.modified = datetime(2024, 1, 8, tzinfo=UTC)
    document.add_heading(str(title), 0)
    for block in rest:
        if isinstance(block, list):
            table = document.add_table(rows=0, cols=len(block[0]), style="Table Grid")
            for row in block:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif block.startswith("# "):
            document.add_heading(block[2:], 1)
        elif block.startswith("- "):
            document.add_paragraph(block[2:], style="List Bullet")
        else:
            document.add_paragraph(block)
    document.save(str(path))


def pdf(path: Path, blocks: list[Block], footer: str) -> None:
    """A PDF with a text layer, running footer and page numbers; tables may go over a page's end."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A5
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    pdfmetrics.registerFont(TTFont("Body", str(FONTS / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont("Bold", str(FONTS / "DejaVuSans-Bold.ttf")))
    body = ParagraphStyle("body", fontName="Body", fontSize=9, leading=13, spaceAfter=6)
    cell = ParagraphStyle("cell", fontName="Body", fontSize=8, leading=10)
    heading = ParagraphStyle("heading", fontName="Bold", fontSize=11, leading=15, spaceBefore=8, spaceAfter=4)
    title, *rest = blocks
    story: list[Any] = [
        Paragraph(str(title), ParagraphStyle("title", parent=heading, fontSize=15, leading=19)),
        Spacer(1, 8),
    ]
    for block in rest:
        if isinstance(block, list):
            table = Table([[Paragraph(text, cell) for text in row] for row in block], repeatRows=1)
            table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.4, colors.grey)]))
            story += [table, Spacer(1, 8)]
        elif block.startswith("# "):
            story.append(Paragraph(block[2:], heading))
        else:
            story.append(Paragraph(block, body))

    def running(canvas: Any, document: Any) -> None:
        canvas.setFont("Body", 7)
        canvas.drawString(40, 22, f"{footer} · {document.page}")

    template = SimpleDocTemplate(str(path), pagesize=A5, title=str(title), author="Nascente Bombas", invariant=1)
    template.build(story, onFirstPage=running, onLaterPages=running)


def scan(path: Path) -> None:
    """A PDF of one picture."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (880, 1240), 250)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 34)
    for number, line in enumerate(SCANNED):
        draw.text((90, 130 + 62 * number), line, font=font, fill=40)
    data = io.BytesIO()
    page.rotate(0.6, fillcolor=250).save(data, "PDF", resolution=150)
    path.write_bytes(data.getvalue())


def main() -> None:
    word(SAMPLE / "politica-despesas-2023.docx", EXPENSES_2023)
    word(SAMPLE / "politica-despesas-2024.docx", EXPENSES_2024)
    word(SAMPLE / "onboarding-guide.docx", ONBOARDING)
    pdf(SAMPLE / "manual-bombas-p.pdf", MANUAL, "Nascente Bombas · Manual das bombas P")
    pdf(SAMPLE / "safety-data-hg2.pdf", SAFETY, "Nascente Bombas · Safety data sheet HG-2")
    scan(SAMPLE / "comprovante-8812.pdf")


if __name__ == "__main__":
    main()
