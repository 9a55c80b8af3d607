import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ERRORS, HELP } from '../../js/errors.js';
import { makeErrors, readRows } from '../../js/scripts/make_errors.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const json = (path) => JSON.parse(read(path));
const scratch = mkdtempSync(join(tmpdir(), 'korttisilta-package-'));
after(() => rmSync(scratch, { recursive: true }));

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();

describe('the errors of the page library', () => {
  test('are those of err.def', () => {
    assert.equal(read('js/errors.js'), makeErrors(read('src/base/err.def')), 'run: node js/scripts/make_errors.js');
    const rows = readRows(read('src/base/err.def'));
    assert.ok(rows.length > 30);
    for (const { name, retry } of rows) assert.equal(ERRORS[name][0] === 1, retry, name);
  });

  test('have a sentence in every language', () => {
    for (const [name, [, row]] of Object.entries(ERRORS)) {
      for (const lang of ['fi', 'sv', 'en']) assert.match(HELP[row][lang], /^\p{Lu}.+\.$/u, `${name} ${lang}`);
    }
  });

  test('can not be made when a row is new or has another shape', () => {
    const def = read('src/base/err.def');
    assert.throws(() => makeErrors(`${def}ERR_ROW(NEW_ONE, 99, 500, 0, "New.")\n`), /NEW_ONE/);
    assert.throws(() => makeErrors(`${def}ERR_ROW(NEW_ONE, 99, 0, "New.")\n`), /not a row/);
    assert.throws(() => makeErrors(def.replace(/^ERR_ROW\(BUSY.*\n/m, '')), /BUSY/);
  });
});

describe('the npm package', () => {
  test('is at most 12 kB for a page, compressed', () => {
    const files = new Set(['index.js']);
    for (const file of files) {
      for (const [, name] of read(`js/${file}`).matchAll(/^(?:import|export) .* from '\.\/(\w+\.js)'/gm)) files.add(name);
    }
    assert.equal(files.size, 11);
    const all = [...files].map((file) => read(`js/${file}`)).join('');
    assert.ok(gzipSync(all).length <= 12 * 1024, `${gzipSync(all).length} bytes`);
  });

  test('has nothing but the files that it needs, and types for both entries', () => {
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=silent'], { cwd: join(root, 'js'), encoding: 'utf8' });
    const [{ files }] = JSON.parse(output.slice(output.indexOf('[\n')));
    const paths = files.map(({ path }) => path);
    for (const path of ['index.js', 'server/index.js', 'types/index.d.ts', 'types/server/index.d.ts', 'README.md']) {
      assert.ok(paths.includes(path), path);
    }
    const others = paths.filter((path) => !/^((types\/)?(server\/)?\w+(\.d)?\.[jt]s|package\.json|README\.md)$/.test(path));
    assert.deepEqual(others, []);
  });

  test('is found by its names', () => {
    const code = `
      const page = await import('korttisilta');
      const server = await import('korttisilta/server');
      import.meta.resolve('korttisilta/webeid.js');
      console.log([...Object.keys(page), ...Object.keys(server)].sort().join());`;
    const names = execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: join(root, 'js'), encoding: 'utf8' });
    assert.equal(names.trim(), 'ERRORS,KorttisiltaError,TokenError,connect,createNonce,createNonceStore,verifyAuthToken,verifyPdf,verifySignature,verifySignedData');
  });
});

describe('the extension', () => {
  const build = (name) => {
    execFileSync(process.execPath, [join(root, 'extension/build.js'), join(scratch, name)]);
    return join(scratch, name);
  };
  const chromium = json('extension/manifest.chromium.json');
  const firefox = json('extension/manifest.firefox.json');
  const ids = json('extension/id.json');

  test('is built the same twice, from the files that the manifest names and no others', () => {
    const [one, two] = [build('one'), build('two')];
    assert.deepEqual(filesOf(one), filesOf(two));
    for (const file of filesOf(one)) assert.deepEqual(readFileSync(join(one, file)), readFileSync(join(two, file)), file);
    const common = [
      ...['fi', 'sv', 'en'].map((lang) => `_locales/${lang}/messages.json`),
      ...['16', '48', '128'].map((size) => `icons/${size}.png`),
      ...['native_port', 'ports_in_use', 'router', 'scs_sites', 'sender', 'web_eid'].map((name) => `router/${name}.js`),
      ...['content.js', 'manifest.json', 'scs_page.js', 'sites.css', 'sites.html', 'sites.js', 'webeid.js', 'webeid_answer.js', 'worker.js'],
    ].sort();
    for (const [browser, archive] of [['chromium', 'chromium.zip'], ['firefox', 'firefox.xpi']]) {
      assert.deepEqual(filesOf(join(one, browser)), common);
      const unpacked = join(scratch, archive);
      execFileSync('unzip', ['-q', join(one, archive), '-d', unpacked]);
      assert.deepEqual(filesOf(unpacked), common);
      for (const file of common) assert.deepEqual(readFileSync(join(unpacked, file)), readFileSync(join(one, browser, file)), file);
    }
  });

  test('has the id of its key and of its manifest', () => {
    const digest = createHash('sha256').update(Buffer.from(chromium.key, 'base64')).digest('hex').slice(0, 32);
    const id = digest.replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 16)));
    assert.ok(ids.chromium.includes(id), id);
    assert.deepEqual(ids.firefox, [firefox.browser_specific_settings.gecko.id]);
  });

  test('asks for native messaging and what the list of SCS sites needs, and shows the page no file', () => {
    for (const manifest of [chromium, firefox]) {
      assert.deepEqual(manifest.permissions, ['nativeMessaging', 'scripting', 'storage']);
      assert.deepEqual(manifest.host_permissions, manifest.content_scripts[0].matches);
      // Nothing of the extension can use them for a request of its own.
      assert.match(manifest.content_security_policy.extension_pages, /^default-src 'none'; (?!.*connect-src)/);
      for (const member of ['optional_permissions', 'optional_host_permissions', 'web_accessible_resources', 'externally_connectable']) {
        assert.equal(manifest[member], undefined, member);
      }
      const [script, ...others] = manifest.content_scripts;
      assert.deepEqual(others, []);
      assert.deepEqual(script.matches, ['https://*/*', 'http://localhost/*', 'http://127.0.0.1/*']);
    }
  });

  test('differs between the browsers only where they do', () => {
    const common = ({ key, minimum_chrome_version, browser_specific_settings, background, ...rest }) => rest;
    assert.deepEqual(common(chromium), common(firefox));
    assert.deepEqual([chromium.background.service_worker], firefox.background.scripts);
    assert.equal(chromium.version, json('js/package.json').version);
  });

  test('puts at most 6 kB into a page', () => {
    const [{ js }] = chromium.content_scripts;
    assert.deepEqual(js, ['content.js', 'webeid.js']);
    const bytes = Buffer.byteLength(js.map((file) => read(`extension/${file}`)).join(''));
    assert.ok(bytes <= 6 * 1024, `${bytes} bytes`);
  });

  test('has the same texts in every language', () => {
    const [fi, sv, en] = ['fi', 'sv', 'en'].map((lang) => json(`extension/_locales/${lang}/messages.json`));
    for (const texts of [fi, sv]) assert.deepEqual(Object.keys(texts), Object.keys(en));
    for (const { name, description } of [fi, sv, en]) {
      assert.ok(name.message.length <= 45 && description.message.length <= 132, 'limits of the Chrome Web Store');
    }
  });

  const paths = ['/usr/lib/korttisilta/korttisilta-host', 'C:\\Program Files\\Korttisilta\\korttisilta-host.exe'];
  for (const path of paths) {
    test(`is let in by the host manifests for ${path}`, () => {
      for (const browser of ['chromium', 'firefox']) {
        const out = join(scratch, `${browser}.json`);
        const script = join(root, 'installer/common/host_manifest.cmake');
        execFileSync('cmake', [`-DBROWSER=${browser}`, `-DKS_HOST_PATH=${path}`, `-DOUT=${out}`, '-P', script]);
        const manifest = JSON.parse(readFileSync(out, 'utf8'));
        assert.equal(manifest.name, 'fi.korttisilta.host');
        assert.equal(manifest.type, 'stdio');
        assert.equal(manifest.path, path);
        if (browser === 'chromium') assert.deepEqual(manifest.allowed_origins, ids.chromium.map((id) => `chrome-extension://${id}/`));
        else assert.deepEqual(manifest.allowed_extensions, ids.firefox);
      }
    });
  }
});
