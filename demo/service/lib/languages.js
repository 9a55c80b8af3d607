import { readFileSync } from 'node:fs';

export const LANGUAGES = Object.freeze(['fi', 'sv', 'en']);

/** Every text a person reads, by language. */
export const TEXTS = Object.freeze(
  Object.fromEntries(
    LANGUAGES.map((lang) => [lang, JSON.parse(readFileSync(new URL(`../texts/${lang}.json`, import.meta.url), 'utf8'))]),
  ),
);
