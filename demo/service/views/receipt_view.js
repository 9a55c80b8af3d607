import { html } from '../lib/html.js';
import { pageView } from './page_view.js';

function row(t, url, document, i) {
  return html`<tr><th scope="row"><a href="${document.url}" download id="document-${i}">${document.name}</a></th>
<td><code>${document.digest}</code><br>${document.algorithm.hashFunction}</td>
<td>${document.algorithm.cryptoAlgorithm} ${document.algorithm.paddingScheme !== 'NONE' && document.algorithm.paddingScheme}</td>
<td><a href="${url}/signatures/${i}" download id="signature-${i}">${t.receipt.downloadSignature}<span class="hidden">: ${document.name}</span></a></td></tr>`;
}

/** @param {object} batch with its receipt, see lib/batches.js */
export function receiptView(context, batch) {
  const { t, lang } = context;
  const { receipt } = batch;
  const url = `/batches/${batch.id}`;
  return pageView(context, {
    title: t.receipt.title,
    step: 'sign',
    main: html`<p class="intro">${t.receipt.intro}</p>
<dl id="receipt">
  <dt>${t.receipt.signer}</dt><dd id="signer">${receipt.signer.name}</dd>
  <dt>${t.receipt.serial}</dt><dd id="signer-serial">${receipt.signer.serialNumber}</dd>
  <dt>${t.receipt.onBehalfOf}</dt><dd id="behalf">${receipt.onBehalfOf
      ? `${receipt.onBehalfOf.name} (${receipt.onBehalfOf.businessId})`
      : t.receipt.self}</dd>
  <dt>${t.receipt.time}</dt><dd><time datetime="${receipt.receivedAt}">${receipt.receivedAt.replace('T', ' ').slice(0, 19)}</time></dd>
  <dt>${t.receipt.number}</dt><dd id="receipt-number">${batch.id}</dd>
</dl>
<h2 id="documents-title">${t.receipt.documents}</h2>
<div class="scroll" role="region" aria-labelledby="documents-title" tabindex="0"><table>
<thead><tr><th scope="col">${t.receipt.document}</th><th scope="col">${t.receipt.digest}</th><th scope="col">${t.receipt.algorithm}</th><th scope="col">${t.receipt.signature}</th></tr></thead>
<tbody>${receipt.documents.map((document, i) => row(t, url, document, i))}</tbody>
</table></div>
<ul>
  <li><a href="${url}/certificate.pem" download id="certificate">${t.receipt.certificate}</a></li>
  <li><a href="${url}/receipt.json" download id="receipt-json">${t.receipt.json}</a></li>
</ul>
<p><a href="/${lang}/tasks">${t.receipt.back}</a></p>`,
  });
}
