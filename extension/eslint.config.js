import js from '@eslint/js';

const browser = ['chrome', 'self', 'window', 'isSecureContext', 'addEventListener', 'AbortController', 'AbortSignal', 'MessagePort', 'TextEncoder', 'URL',
  'document', 'DOMException', 'Blob', 'setTimeout', 'clearTimeout', 'HTMLElement'];
const node = ['Buffer', 'URL'];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

const rules = { ...js.configs.recommended.rules, eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' };

export default [
  { ignores: ['node_modules/', 'webeid*.js'] },
  { files: ['content.js', 'scs_page.js'], languageOptions: { sourceType: 'script', globals: readonly(browser) }, rules },
  { files: ['worker.js', 'sites.js', 'router/*.js'], languageOptions: { globals: readonly(browser) }, rules },
  { files: ['build.js', 'scripts/*.js'], languageOptions: { globals: readonly(node) }, rules },
];
