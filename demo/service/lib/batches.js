import { randomBytes } from 'node:crypto';
import { TEXTS } from './languages.js';
import { DOCUMENT_KINDS } from './documents.js';

/** A session keeps this many; an older one is forgotten. */
const MAX_PER_SESSION = 20;

/**
 * Makes the documents of one signing: what the person reads, what the card signs and what is verified are the same
 * bytes, kept by the service.
 * @param {{ identity: object, party: object, batches: Map<string, object> }} session
 * @param {string} kind key of DOCUMENT_KINDS
 * @param {string} lang
 */
export async function makeBatch(session, kind, lang) {
  const { paper, batch: texts } = TEXTS[lang];
  const id = randomBytes(16).toString('hex');
  const { format, make } = DOCUMENT_KINDS[kind];
  const made = await make(lang, paper, session.identity, session.party);
  const batch = {
    id,
    kind,
    format,
    lang,
    purpose: texts[`${kind}Purpose`],
    onBehalfOf: describeParty(session.party, TEXTS[lang]),
    documents: made.map((document, i) => {
      const url = `/batches/${id}/documents/${i}`;
      return { ...document, url, toSign: document.toSign ?? document.content, toSignUrl: document.toSign ? `${url}/to-sign` : url };
    }),
    receipt: null,
    signed: [],
  };
  session.batches.set(id, batch);
  if (session.batches.size > MAX_PER_SESSION) session.batches.delete(session.batches.keys().next().value);
  return batch;
}

/** What Korttisilta's window says of the party; nothing when the person acts for themselves. */
function describeParty(party, t) {
  if (party.kind === 'self') return undefined;
  return { name: party.name, businessId: party.businessId, mandate: party.mandates.map((code) => t.mandates[code]).join(', ') };
}
