// What the page says, in both languages. A key is used in the HTML as data-t, data-t-label or data-t-placeholder.

const STRINGS = {
  brand: ["Lastro, início", "Lastro, home"],
  nav: ["Seções", "Sections"],
  skip: ["Ir para a pergunta", "Skip to the question"],
  ask: ["Perguntar", "Ask"],
  documents: ["Documentos", "Documents"],
  collection: ["Coleção", "Collection"],
  newConversation: ["Nova conversa", "New conversation"],
  history: ["Histórico", "History"],
  settings: ["Ajustes", "Settings"],
  theme: ["Claro ou escuro", "Light or dark"],
  language: ["English", "Português"],
  close: ["Fechar", "Close"],
  welcome: ["O que dizem os documentos?", "What do the documents say?"],
  question: ["Sua pergunta", "Your question"],
  questionPlaceholder: ["Pergunte aos documentos", "Ask the documents"],
  followUpPlaceholder: ["Continue a conversa", "Ask a follow-up"],
  send: ["Perguntar", "Ask"],
  stop: ["Parar", "Stop"],
  holds: ["{documents} à disposição, entre eles", "{documents} to ask, among them"],
  holdsFew: ["{documents} à disposição", "{documents} to ask"],
  oneDocument: ["um documento", "one document"],
  manyDocuments: ["{n} documentos", "{n} documents"],
  noDocuments: [
    "Ainda não há documentos. Arraste arquivos para esta página, ou escolha-os em Documentos.",
    "There are no documents yet. Drop files on this page, or choose them in Documents.",
  ],
  understood: ["Entendida como", "Understood as"],
  waiting: ["Na fila: {n} antes da sua", "In the queue: {n} ahead of yours"],
  searching: ["Procurando nos documentos…", "Searching the documents…"],
  reading: ["Lendo as passagens encontradas…", "Reading the passages found…"],
  writing: ["Rascunho, ainda não conferido…", "A draft, not checked yet…"],
  checking: ["Conferindo cada frase…", "Checking each sentence…"],
  retrying: [
    "O rascunho não se sustentou; outra tentativa…",
    "The draft did not hold up; trying again…",
  ],
  answered: ["Resposta: {answer} {summary}", "Answer: {answer} {summary}"],
  stopped: ["Parada.", "Stopped."],
  failed: ["Sem resposta: {detail}", "No answer: {detail}"],
  offline: ["O servidor não responde.", "The server does not answer."],
  problem_Busy: ["O servidor está ocupado. Tente de novo em instantes.", "The server is busy. Try again in a moment."],
  problem_DeadlineExceeded: [
    "A resposta demorou mais do que o servidor permite.",
    "The answer took longer than the server allows.",
  ],
  problem_TooManyRequests: [
    "Foram pedidos demais em pouco tempo. Espere um minuto.",
    "Those were too many requests in a short time. Wait a minute.",
  ],
  problem_NotAuthenticated: ["Esta chave de acesso não vale aqui.", "This access key is not valid here."],
  problem_NotAllowed: ["Esta chave de acesso não permite isto.", "This access key does not allow that."],
  problem_NotFound: ["Isto não existe mais no servidor.", "That is no longer on the server."],
  problem_DocumentNotFound: ["O documento não está mais no índice.", "The document is no longer in the index."],
  problem_IndexLocked: [
    "Outro programa está gravando no índice. Tente de novo em instantes.",
    "Another program is writing to the index. Try again in a moment.",
  ],
  problem_DiskFull: ["Não há espaço em disco no servidor.", "There is no room left on the server’s disk."],
  problem_RequestTooLarge: [
    "Isto é maior do que o servidor aceita.",
    "That is larger than the server accepts.",
  ],
  problem_RequestTimeout: ["O envio foi lento demais. Tente de novo.", "It was sent too slowly. Try again."],
  problem_GeneratorFailed: ["O modelo que escreve as respostas falhou.", "The model that writes the answers failed."],
  problem_InternalError: [
    "O servidor falhou. O registro dele diz por quê.",
    "The server failed. Its log says why.",
  ],
  tryAgain: ["Tentar de novo", "Try again"],
  supported: ["sustentada", "supported"],
  contradicted: ["contradita", "contradicted"],
  not_found: ["não encontrada", "not found"],
  not_a_claim: ["nada afirma", "no claim"],
  showEvidence: ["Ver a prova", "Show the evidence"],
  allSupported: [
    "Tudo o que é afirmado está nos documentos.",
    "All that is said is in the documents.",
  ],
  someSupported: ["{n} de {of} frases estão nos documentos.", "{n} of {of} sentences are in the documents."],
  extractive: ["Nas palavras dos documentos.", "In the documents’ own words."],
  seconds: ["{n} s", "{n} s"],
  withheld: ["Resposta retida", "Answer withheld"],
  because: ["Motivo: {reason}.", "Reason: {reason}."],
  why_no_passages: ["nada parecido foi encontrado", "nothing similar was found"],
  why_not_answerable: [
    "as passagens mais próximas não respondem exatamente a isto",
    "the closest passages do not answer exactly this",
  ],
  why_declined: ["o modelo não achou a resposta nas passagens", "the model found no answer in the passages"],
  why_no_claim: ["a resposta nada afirmava", "the answer asserted nothing"],
  why_contradicted: ["os documentos contradizem a resposta", "the documents contradict the answer"],
  why_unsupported: [
    "a resposta gerada não se sustenta nos documentos",
    "the generated answer is not backed by the documents",
  ],
  why_no_sentence: [
    "nenhuma frase das passagens responde com segurança",
    "no sentence of the passages surely answers it",
  ],
  why_unsure: [
    "a resposta não é segura o bastante para o risco aceito",
    "the answer is not sure enough for the risk allowed",
  ],
  closest: ["As passagens mais próximas", "The closest passages"],
  passages: ["Passagens lidas", "Passages read"],
  page: ["p. {n}", "p. {n}"],
  copy: ["Copiar com as citações", "Copy with citations"],
  copied: ["Copiada.", "Copied."],
  notCopied: ["O navegador não deixou copiar.", "The browser did not allow copying."],
  link: ["Copiar um link para esta resposta", "Copy a link to this answer"],
  linked: ["Link copiado.", "Link copied."],
  again: ["Perguntar de novo", "Ask again"],
  good: ["Boa resposta", "Good answer"],
  bad: ["Resposta ruim", "Bad answer"],
  thanks: ["Obrigado. Registrado.", "Thank you. Noted."],
  comment: ["O que faltou? (opcional)", "What was wrong? (optional)"],
  sendComment: ["Enviar", "Send"],
  sameAnswer: ["A mesma resposta de quando o link foi feito.", "The same answer as when the link was made."],
  otherAnswer: [
    "A resposta mudou desde que o link foi feito: os documentos ou os ajustes são outros.",
    "The answer has changed since the link was made: the documents or the settings are different.",
  ],
  keptSame: ["Como foi respondida. Os documentos são os mesmos desde então.", "As it was answered. The documents are the same since."],
  keptOther: ["Como foi respondida. Os documentos mudaram desde então.", "As it was answered. The documents have changed since."],
  fromHistory: ["Do histórico, {when}. Os documentos podem ter mudado.", "From the history, {when}. The documents may have changed."],
  evidence: ["Prova", "Evidence"],
  closeEvidence: ["Fechar a prova", "Close the evidence"],
  viewAs: ["Ver como", "View as"],
  pageView: ["Página", "Page"],
  textView: ["Texto", "Text"],
  previousPage: ["Página anterior", "Previous page"],
  nextPage: ["Próxima página", "Next page"],
  pageOf: ["{n} de {of}", "{n} of {of}"],
  document: ["Documento", "Document"],
  pageAlt: ["Página {n} de {source}. Destacado: {text}", "Page {n} of {source}. Highlighted: {text}"],
  pageAltPlain: ["Página {n} de {source}", "Page {n} of {source}"],
  findsupported: ["Esta passagem sustenta a frase.", "This passage supports the sentence."],
  findcontradicted: ["Esta passagem contradiz a frase.", "This passage contradicts the sentence."],
  findnot_found: ["As passagens não dizem isto.", "The passages do not say this."],
  findnot_a_claim: ["A frase nada afirma que se possa conferir.", "The sentence asserts nothing that could be checked."],
  findpassage: ["Passagem dada ao modelo.", "A passage the model was given."],
  findbrowse: ["O documento como foi lido.", "The document as it was read."],
  findclosest: ["Uma das passagens mais próximas da pergunta.", "One of the passages closest to the question."],
  sureness: ["Certeza: {score}.", "Certainty: {score}."],
  checked: ["Conferência literal: {reason}.", "Literal check: {reason}."],
  check_no_passage: ["não há passagem que a sustente", "there is no passage to back it"],
  check_not_quoted: ["não está nas passagens à letra: “{about}”", "not in the passages to the letter: “{about}”"],
  check_not_in_evidence: ["não está na prova: {about}", "not in the evidence: {about}"],
  check_repeats_question: ["só repete a pergunta", "it only repeats the question"],
  check_lacks_kind: ["não dá o que se pergunta: {about}", "it does not give what is asked for: {about}"],
  kind_number: ["um número", "a number"],
  kind_mass: ["um peso", "a weight"],
  kind_amount: ["um valor", "an amount"],
  kind_number_to_call: ["um número para ligar", "a number to call"],
  kind_amount_of_money: ["um valor em dinheiro", "an amount of money"],
  kind_length_of_time: ["um prazo ou uma duração", "a length of time"],
  kind_loudness: ["um nível de ruído", "a noise level"],
  kind_discount: ["um desconto", "a discount"],
  kind_name: ["um nome", "a name"],
  loadingDocument: ["Abrindo o documento…", "Opening the document…"],
  sourceChanged: [
    "O arquivo mudou desde que foi indexado. Eis o texto como foi lido.",
    "The file has changed since it was indexed. This is its text as it was read.",
  ],
  sourceGone: [
    "O arquivo não está mais na pasta. Eis o texto como foi lido.",
    "The file is no longer in its folder. This is its text as it was read.",
  ],
  pageFailed: ["A página não pôde ser desenhada. Eis o seu texto.", "The page could not be drawn. This is its text."],
  documentGone: [
    "O documento não está mais no índice. Eis a passagem como foi citada.",
    "The document is no longer in the index. This is the passage as it was cited.",
  ],
  textChanged: [
    "O documento mudou desde esta resposta. Eis a passagem como foi citada.",
    "The document has changed since this answer. This is the passage as it was cited.",
  ],
  noBoxes: [
    "A página foi lida por OCR: o lugar exato só aparece no texto.",
    "This page was read by OCR: the exact place can be shown in the text only.",
  ],
  more: ["Mostrar mais", "Show more"],
  chooseFiles: ["Escolher arquivos", "Choose files"],
  dropHint: ["ou arraste-os para qualquer lugar da página", "or drop them anywhere on the page"],
  dropHere: ["Solte para acrescentar aos documentos", "Drop to add to the documents"],
  findDocument: ["Procurar documento", "Find a document"],
  refused: ["Não puderam ser lidos", "Could not be read"],
  refusedHint: [
    "Estes arquivos não respondem a perguntas. O motivo diz o que fazer.",
    "These files answer no questions. The reason says what to do.",
  ],
  noneFound: ["Nenhum documento com esse nome.", "No document of that name."],
  pages: ["{n} páginas", "{n} pages"],
  onePage: ["1 página", "1 page"],
  oneChunk: ["1 trecho", "1 passage"],
  chunks: ["{n} trechos", "{n} passages"],
  pt: ["português", "Portuguese"],
  en: ["inglês", "English"],
  plain: ["texto", "text"],
  delete: ["Excluir", "Delete"],
  deleteNamed: ["Excluir {title}", "Delete {title}"],
  keep: ["Manter", "Keep"],
  confirmDelete: ["Excluir este documento?", "Delete this document?"],
  confirmDeleteText: [
    "“{title}” deixa de responder a perguntas imediatamente.",
    "“{title}” stops answering questions at once.",
  ],
  deleted: ["{title} foi excluído.", "{title} was deleted."],
  sending: ["Enviando: {percent}%", "Sending: {percent}%"],
  queued: ["Na fila…", "Waiting…"],
  ingesting: ["Lendo e indexando…", "Reading and indexing…"],
  stage_walk: ["Procurando mudanças…", "Looking for changes…"],
  stage_read: ["Lendo…", "Reading…"],
  stage_split: ["Dividindo em trechos…", "Splitting into passages…"],
  stage_embed: ["Indexando o sentido…", "Indexing the meaning…"],
  stage_commit: ["Gravando…", "Saving…"],
  added: ["Pronto: já responde.", "Done: it answers now."],
  updated: ["Atualizado: já responde.", "Updated: it answers now."],
  unchanged: ["Já estava nos documentos.", "It was among the documents already."],
  refusedFile: ["Recusado: {reason}", "Refused: {reason}"],
  historyHint: ["Guardado só neste navegador.", "Kept in this browser only."],
  clearHistory: ["Apagar o histórico", "Clear the history"],
  emptyHistory: ["Nada ainda.", "Nothing yet."],
  forget: ["Esquecer: {question}", "Forget: {question}"],
  alpha: ["Busca", "Search"],
  alphaWords: ["palavras exatas", "exact words"],
  alphaMeaning: ["sentido", "meaning"],
  alphaHint: ["O quanto pesa o sentido em relação às palavras.", "How much meaning counts against exact words."],
  k: ["Passagens", "Passages"],
  kHint: ["Quantas são consideradas para a resposta.", "How many are considered for the answer."],
  temperature: ["Temperatura", "Temperature"],
  temperatureHint: [
    "0 dá sempre a mesma resposta; mais alto, mais variado.",
    "0 always gives the same answer; higher varies more.",
  ],
  max_tokens: ["Tamanho da resposta", "Length of the answer"],
  max_tokensHint: ["No máximo, em tokens.", "At most, in tokens."],
  scope: ["Documentos em", "Documents in"],
  scopeAll: ["qualquer idioma", "any language"],
  reset: ["Voltar aos ajustes do servidor", "Back to the server’s settings"],
  keyTitle: ["Chave de acesso", "Access key"],
  keyHint: ["Este servidor pede uma chave. Ela é esquecida ao fechar a aba.", "This server asks for a key. It is forgotten when the tab is closed."],
  keyUse: ["Usar", "Use it"],
};

const listeners = [];

/** The language of the page: "pt" or "en". */
export const language = () => document.documentElement.lang;

/** The text of `key`, with `{name}` replaced by `values.name`. A key that does not exist is a mistake of ours. */
export function t(key, values = {}) {
  const both = STRINGS[key];
  if (!both) throw new Error(`no string ${key}`);
  return both[language() === "pt" ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether there is a text of that key: of what the server names and this page may not know yet. */
export const known = (key) => Object.hasOwn(STRINGS, key);

/** Fill in what the HTML says. */
export function localise() {
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
    if (element.matches("button")) element.title = t(element.dataset.tLabel);
  }
  for (const element of document.querySelectorAll("[data-t-placeholder]")) {
    element.placeholder = t(element.dataset.tPlaceholder);
  }
  const button = document.getElementById("language");
  button.textContent = language() === "pt" ? "EN" : "PT";
  button.lang = language() === "pt" ? "en" : "pt";
}

/** Call `listener` whenever the language changes: for what is not in the HTML. */
export const onLanguage = (listener) => listeners.push(listener);

export function switchLanguage() {
  document.documentElement.lang = language() === "pt" ? "en" : "pt";
  localise();
  for (const listener of listeners) listener();
  return language();
}

export const number = (value) => value.toLocaleString(language());
export const decimal = (value, digits) =>
  value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const percent = (value) => value.toLocaleString(language(), { style: "percent" });
export const when = (time) => new Date(time).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
