/**
 * A person's name as people write it. The common name of a Finnish certificate holds the identifier as well.
 * @param {{ givenName?: string, surname?: string, commonName?: string }} subject
 */
export function fullName({ givenName, surname, commonName }) {
  return givenName && surname ? `${givenName} ${surname}` : commonName;
}
