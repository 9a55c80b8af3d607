import * as x509 from '@peculiar/x509';
import { TokenError } from './token_error.js';

/** @typedef {import('./certificate.js').Certificate} Certificate */

/** End entity, three intermediates and an anchor: national chains have two or three in all. */
const MAX_LENGTH = 5;
const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'];
const ANY_USAGE = '2.5.29.37.0';

/**
 * Finds a path from the certificate to one of the anchors in which every rule of RFC 5280 §6.1 that
 * applies holds: signatures, validity, CA, path length and key usage.
 * @param {Certificate} leaf its own use and validity are the caller's to check
 * @param {object} options
 * @param {Certificate[]} options.anchors
 * @param {Certificate[]} options.intermediates may help to build the path, are not trusted
 * @param {Date} options.now
 * @param {string} [options.purpose] extended key usage that intermediates with that extension must have
 * @returns {Certificate[]} leaf first, anchor last
 */
export function buildChain(leaf, { anchors, intermediates, now, purpose }) {
  /** Breadth first: the shortest path wins, and a loop of cross certificates ends at the longest. */
  let paths = [[leaf]];
  while (paths.length > 0) {
    for (const path of paths) {
      const anchor = anchors.find((candidate) => mayIssue(candidate, path, now) && hasIssued(candidate, path));
      if (anchor) return [...path, anchor];
    }
    paths = paths.flatMap((path) => (path.length + 1 < MAX_LENGTH ? longer(path) : []));
  }
  throw new TokenError('CERTIFICATE_UNTRUSTED', 'No path leads from the certificate to a trusted one.');

  /** @param {Certificate[]} path */
  function longer(path) {
    return intermediates
      .filter((candidate) => allowsPurpose(candidate, purpose) && mayIssue(candidate, path, now) && hasIssued(candidate, path))
      .map((issuer) => [...path, issuer]);
  }
}

/**
 * @param {Certificate} issuer
 * @param {Certificate[]} path leaf first; what the issuer would be put on top of
 * @param {Date} now
 */
function mayIssue(issuer, path, now) {
  const { basicConstraints: basic } = issuer;
  const below = path.slice(1).filter((certificate) => !certificate.isSelfIssued).length;
  return (
    basic?.ca === true &&
    (basic.pathLength === undefined || basic.pathLength >= below) &&
    issuer.hasUsage(x509.KeyUsageFlags.keyCertSign) &&
    issuer.fields.notBefore <= now &&
    now <= issuer.fields.notAfter
  );
}

/**
 * @param {Certificate} issuer
 * @param {Certificate[]} path
 */
function hasIssued(issuer, path) {
  const subject = path[path.length - 1];
  return HASHES.includes(subject.signatureHash) && subject.node.checkIssued(issuer.node) && subject.node.verify(issuer.key);
}

/**
 * @param {Certificate} issuer
 * @param {string | undefined} purpose
 */
function allowsPurpose(issuer, purpose) {
  const usages = issuer.extendedKeyUsage;
  return !purpose || !usages || usages.includes(purpose) || usages.includes(ANY_USAGE);
}
