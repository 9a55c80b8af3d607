import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { batchRoutes } from '../routes/batch_routes.js';
import { loginRoutes } from '../routes/login_routes.js';
import { pageRoutes } from '../routes/page_routes.js';
import { errorView } from '../views/error_view.js';
import { createCardIdentity } from './card_identity.js';
import { requireOwnPage } from './csrf.js';
import { LANGUAGES, TEXTS } from './languages.js';
import { createMandateRegister } from './mandate_register.js';
import { securityHeaders } from './security_headers.js';
import { ServiceError } from './service_error.js';
import { sessionCookie } from './session_cookie.js';
import { createSessionStore } from './session_store.js';

/** Signatures of a batch with their certificate take far less. */
const MAX_BODY = '256kb';

const folder = (name) => fileURLToPath(new URL(`../${name}/`, import.meta.url));

/** The page library as it is installed, for import by the pages' modules. */
function pageLibrary() {
  const entry = fileURLToPath(import.meta.resolve('korttisilta'));
  const files = express.static(dirname(entry), { index: false, dotfiles: 'ignore', redirect: false });
  return (req, res, next) => (/^\/\w+\.js$/.test(req.path) ? files(req, res, next) : next());
}

function chooseLanguage(req) {
  return LANGUAGES.find((lang) => req.path.startsWith(`/${lang}/`)) || req.acceptsLanguages(...LANGUAGES) || 'en';
}

/** What every page needs to know: req.context. */
function pageContext(req, _res, next) {
  const lang = chooseLanguage(req);
  // POST pages have no address of their own in another language.
  const path = req.method === 'GET' && req.path.startsWith(`/${lang}/`) ? req.path.slice(lang.length + 1) : '/';
  req.context = { lang, t: TEXTS[lang], session: req.session, path };
  next();
}

function readCode(error) {
  if (error instanceof ServiceError) return error;
  // body-parser and the router say whose fault it was by a status of their own
  if (error.status >= 400 && error.status < 500) return new ServiceError(error.status, 'REQUEST', { cause: error });
  return new ServiceError(500, 'INTERNAL', { cause: error });
}

/** @param {(text: string) => void} log */
function answerError(log) {
  // Express knows an error handler by its four parameters.
  return (error, req, res, _next) => {
    const { status, code, cause } = readCode(error);
    if (cause) log(`${req.method} ${req.path}: ${code}: ${status === 500 ? cause.stack : `${cause.code} ${cause.message}`}`);
    res.status(status);
    if (req.accepts(['html', 'json']) === 'json') res.json({ code, message: req.context.t.errors[code] });
    else res.send(errorView(req.context, code));
  };
}

/**
 * @param {{ origin: string, trustedCertificates: string[], mandateFile: URL, log: (text: string) => void }} settings
 */
export function createApp({ origin, trustedCertificates, mandateFile, log }) {
  const sessions = createSessionStore();
  const service = {
    sessions,
    cards: createCardIdentity({ origin, trustedCertificates }),
    register: createMandateRegister(mandateFile),
  };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(securityHeaders);
  app.use(express.static(folder('public'), { index: false, redirect: false }));
  app.use('/korttisilta', pageLibrary());
  app.use(sessionCookie(sessions), pageContext);
  app.use(express.json({ limit: MAX_BODY }), express.urlencoded({ limit: MAX_BODY, extended: false }));
  app.use(requireOwnPage(origin));
  app.get('/', (req, res) => res.redirect(302, `/${req.context.lang}/`));
  app.use(loginRoutes(service), batchRoutes(service));
  for (const lang of LANGUAGES) app.use(`/${lang}`, pageRoutes(service, lang));
  app.use(() => {
    throw new ServiceError(404, 'NOT_FOUND');
  });
  app.use(answerError(log));
  return app;
}
