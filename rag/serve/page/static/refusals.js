// Why files are refused, and what is to be known of those that are not. The server says so in English, file by file, and
// names the kind of a refusal: in Portuguese the page says the kind and what to do, and the commonest warnings.

import { language } from "./strings.js";

const IN_PORTUGUESE = {
  "scans and images": "Digitalização ou imagem: só pode ser lida por OCR (tesseract), que não está disponível no servidor.",
  "pictures without text": "Imagem em que o OCR não achou texto. Se há algo escrito, digitalize de novo, maior e reta.",
  "locked by a password": "Protegido por senha: salve-o sem senha.",
  "locked by DRM": "Protegido por DRM: só os programas do vendedor podem lê-lo.",
  "XML that could be a bomb": "XML que poderia ser uma bomba: salve-o de novo no programa que o fez.",
  "over a limit": "Acima de um limite do servidor: divida o arquivo, ou aumente o limite em lastro.toml.",
  "unpack to far too much": "Descompacta-se em dados demais: salve-o de novo no programa que o fez.",
  "nested too deeply": "Aninhado fundo demais: salve-o de novo no programa que o fez.",
  "nothing in them": "Não há texto nele.",
  "formats that are not read": "Formato que não é lido: salve-o como DOCX ou PDF no programa que o fez.",
  archives: "Arquivo compactado: descompacte-o e envie o que há nele.",
  damaged: "Danificado: abra-o no seu programa e salve-o de novo.",
  "named as what they are not": "O nome não diz o que ele é: dê-lhe a extensão certa.",
  "text in an unknown encoding": "Texto em codificação desconhecida: salve-o como UTF-8.",
  "not written for people": "Código minificado ou dados codificados: nada se perde se as fontes estiverem na pasta.",
  "not documents": "Não é um documento que se possa ler.",
  "closed to this user": "O servidor não tem permissão para lê-lo.",
  "links, pipes and devices": "Não é um arquivo comum: ponha o próprio arquivo na pasta.",
  "a name that is not UTF-8": "O nome não está em UTF-8: renomeie-o.",
  "the reader failed": "A leitura falhou: salve-o em outro formato.",
};

const WARNINGS = [
  [/^read as (\S+)$/, "lido como $1"],
  [/^wrongly decoded characters were repaired$/, "caracteres mal decodificados foram reparados"],
  [/^(?:page|pages) ([\d, –-]+): no text layer \(a scan\?\)$/, "p. $1: sem camada de texto (digitalização?)"],
  [/^hidden text: (\d+) characters?, left out$/, "texto oculto: $1 caracteres, deixados de fora"],
  [/^minified: (\d+) characters of \d+ lines?, left out$/, "código minificado: $1 caracteres, deixados de fora"],
  [/^encoded: (\d+) characters in \d+ pieces?, left out$/, "dados codificados: $1 caracteres, deixados de fora"],
  [/^a chart was not read$/, "um gráfico não foi lido"],
];

/** A warning about a file that was read, in the page's language where the page knows it, and the language it is in. */
export function caution(warning) {
  const known = language() === "pt" && WARNINGS.find(([said]) => said.test(warning));
  return known ? { words: warning.replace(...known), lang: "pt" } : { words: warning, lang: "en" };
}

/** Why a file was refused, in the page's language where the page knows the kind, and the language it is in. */
export function refusal({ reason, kind }) {
  const known = language() === "pt" && Object.hasOwn(IN_PORTUGUESE, kind ?? "");
  return known ? { words: IN_PORTUGUESE[kind], lang: "pt" } : { words: reason ?? "", lang: "en" };
}
