import { createRequire } from 'node:module';
import { once } from 'node:events';
import PdfDocument from 'pdfkit';
import { addSignaturePlace, bytesToSign } from './signed_pdf.js';

const require = createRequire(import.meta.url);
// Names in certificates may hold any Latin letter (Sámi names, for example): the PDF standard fonts can't show them.
const FONT = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
const MARGIN = 64;

/**
 * @param {{ lang: string, title: string, parts: [string, string | string[]][], foot: string[],
 *   signature?: { reason: string, name: string, location: string } }} content signature: the file gets a place for one
 * @returns {Promise<Buffer>}
 */
async function makePdf({ lang, title, parts, foot, signature }) {
  const pdf = new PdfDocument({ size: 'A4', margin: MARGIN, lang, displayTitle: true, tagged: true, pdfVersion: '1.7', info: { Title: title } });
  const chunks = [];
  pdf.on('data', (chunk) => chunks.push(chunk));
  const ended = once(pdf, 'end');
  const root = pdf.struct('Document');
  pdf.addStructure(root);
  const paragraph = (tag, font, size, text, gap) => {
    root.add(pdf.struct(tag, () => pdf.font(font).fontSize(size).text(text)));
    pdf.moveDown(gap);
  };

  paragraph('H1', BOLD, 18, title, 1);
  for (const [heading, text] of parts) {
    paragraph('H2', BOLD, 11, heading, 0.3);
    for (const line of [text].flat()) paragraph('P', FONT, 10.5, line, 0.3);
    pdf.moveDown(0.5);
  }
  for (const line of foot) paragraph('P', FONT, 9, line, 0.2);
  root.end();
  if (signature) addSignaturePlace(pdf, signature);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

/** @param {string} text with {name} marks */
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_mark, key) => values[key]);

function partyLine(paper, identity, party) {
  const values = { name: identity.name, serial: identity.serialNumber, company: party.name, businessId: party.businessId };
  return fill(party.kind === 'company' ? paper.companyParty : paper.selfParty, values);
}

function contractPdf(lang, paper, identity, party, signature) {
  return makePdf({
    lang,
    title: paper.contractTitle,
    parts: [[paper.parties, [paper.cityParty, partyLine(paper, identity, party)]], ...paper.contractSections],
    foot: [fill(paper.date, { date: new Date().toISOString().slice(0, 10) }), paper.fiction],
    signature,
  });
}

/** The contract with a place for the signature inside, and the bytes that this is over (signed_pdf.js). */
export async function makeContractToSign(lang, paper, identity, party) {
  const signature = { reason: paper.contractTitle, name: identity.name, location: 'Mallila' };
  const content = await contractPdf(lang, paper, identity, party, signature);
  return { name: paper.contractFile, mediaType: 'application/pdf', content, toSign: await bytesToSign(content) };
}

async function makeAttachments(lang, paper) {
  const pdf = async (name, title, parts) => ({
    name,
    mediaType: 'application/pdf',
    content: await makePdf({ lang, title, parts, foot: [paper.fiction] }),
  });
  return [
    await pdf(paper.pricesFile, paper.pricesTitle, paper.pricesSections),
    await pdf(paper.privacyFile, paper.privacyTitle, paper.privacySections),
    { name: paper.hoursFile, mediaType: 'text/plain', content: Buffer.from(paper.hoursText) },
  ];
}

/**
 * What can be signed: kind → format of bridge.sign() and documents, each { name, mediaType, content } and, where the
 * signature goes inside, toSign: the bytes that it is over.
 */
export const DOCUMENT_KINDS = Object.freeze({
  contract: { format: 'pades-cms', make: async (...about) => [await makeContractToSign(...about)] },
  attachments: { format: 'raw', make: makeAttachments },
});
