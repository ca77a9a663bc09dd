// Why files are refused. The server says so in English, file by file, and names the kind of reason: in Portuguese the
// page says the kind, and what to do.

import { language } from "./strings.js";

const IN_PORTUGUESE = {
  "scans and images": "Digitalização ou imagem: só pode ser lida por OCR, e o tesseract não está instalado no servidor.",
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
  "not documents": "Não é um documento que se possa ler.",
  "closed to this user": "O servidor não tem permissão para lê-lo.",
  "links, pipes and devices": "Não é um arquivo comum: ponha o próprio arquivo na pasta.",
  "a name that is not UTF-8": "O nome não está em UTF-8: renomeie-o.",
  "the reader failed": "A leitura falhou: salve-o em outro formato.",
};

/** Why a file was refused, in the page's language where the page knows the kind, and the language it is in. */
export function refusal({ reason, kind }) {
  const known = language() === "pt" && Object.hasOwn(IN_PORTUGUESE, kind ?? "");
  return known ? { words: IN_PORTUGUESE[kind], lang: "pt" } : { words: reason ?? "", lang: "en" };
}
