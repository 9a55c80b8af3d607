// web-ext's HTTP library wants a global that Node.js 18 keeps in a module.
import { File } from 'node:buffer';

globalThis.File ??= /** @type {typeof globalThis.File} */ (File);
