import js from '@eslint/js';

const browser = ['AbortController', 'window', 'location', 'navigator', 'MessageChannel', 'WebSocket', 'AbortSignal', 'Blob', 'TextEncoder', 'crypto', 'atob', 'btoa', 'setTimeout', 'clearTimeout'];
const node = ['Buffer', 'URL'];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'max-lines-per-function': ['error', 80],
  'max-lines': ['error', 500],
};

export default [
  { ignores: ['types/', 'node_modules/'] },
  { files: ['*.js'], languageOptions: { globals: readonly(browser) }, rules },
  {
    files: ['webeid.js'],
    languageOptions: { sourceType: 'script', globals: readonly(['self', 'isSecureContext', 'addEventListener', 'removeEventListener']) },
  },
  { files: ['server/*.js', 'scripts/*.js'], languageOptions: { globals: readonly(node) }, rules },
];
