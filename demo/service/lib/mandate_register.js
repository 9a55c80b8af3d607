import { readFileSync } from 'node:fs';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2];

/** Finnish business id: seven digits and a check digit, weights as above, modulo 11. */
export function isBusinessId(text) {
  if (!/^\d{7}-\d$/.test(text)) return false;
  const rest = WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(text[i]), 0) % 11;
  return rest !== 1 && Number(text[8]) === (rest === 0 ? 0 : 11 - rest);
}

/**
 * Who may represent which company, as the Suomi.fi e-Authorizations register tells a real service.
 * @param {URL} file JSON: { companies: [{ businessId, name }], mandates: [{ person, businessId, mandates: [code] }] }
 */
export function createMandateRegister(file) {
  const { companies, mandates } = JSON.parse(readFileSync(file, 'utf8'));
  const names = new Map();
  for (const { businessId, name } of companies) {
    if (!isBusinessId(businessId)) throw new Error(`${file}: ${businessId} is not a business id`);
    names.set(businessId, name);
  }

  return {
    /**
     * @param {string} person electronic client identifier, from the verified certificate
     * @returns {{ businessId: string, name: string, mandates: string[] }[]}
     */
    companiesOf(person) {
      return mandates
        .filter((row) => row.person === person && names.has(row.businessId))
        .map(({ businessId, mandates: codes }) => ({ businessId, name: names.get(businessId), mandates: codes }));
    },
  };
}
