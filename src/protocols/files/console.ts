// The console's own files, as its build left them: nothing is made or changed here, only found, named and guarded.
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import { sendUnchanging } from '../../http/fixed-answer.ts';
import { Files } from './console-files.ts';

interface StaticDeps {
  /** Origins whose pages may show the portal in a frame; none at all where it is empty. */
  readonly portalAncestors: readonly string[];
  /** Folder that the console's build writes; it may appear, and change, while the service runs. */
  readonly folder: string;
}

/**
 * Scripts come from this server alone and never from a page's own text. Styles may stand in the page: the component
 * library makes them as it draws, and a static page cannot carry a nonce.
 */
const toPolicy = (ancestors: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
  ].join('; ');

const pageHeaders = {
  'content-security-policy': toPolicy([]),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const;

/** Names under here hold a hash of their content, so what is behind one never changes. */
const assets = 'assets/';

/**
 * Serves the console at `/console/`. A path that names no file is a page of the console (a deep link) and answered with
 * its document; files beside which a `.br` or `.gz` lies go out in that form to whoever takes it.
 */
export function staticRoutes(app: FastifyInstance, { folder, portalAncestors }: StaticDeps): void {
  const files = new Files(folder);
  app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers({ ...pageHeaders, 'cache-control': 'no-cache' });
    });
    scope.get('/portal', (_request, reply) => reply.redirect('/portal/', 308));
    scope.get('/portal/', async (request, reply) => {
      const document = await files.find('portal.html');
      if (document === undefined) return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
      reply.header('content-security-policy', toPolicy(portalAncestors));
      // It knows no list: where anybody may frame the page, the policy alone says who.
      if (portalAncestors.length > 0) reply.removeHeader('x-frame-options');
      return sendUnchanging(request, reply, document);
    });
    scope.get('/console', (request, reply) => reply.redirect(`/console/${toSearch(request.url)}`, 308));
    scope.get<{ Params: { '*': string } }>('/console/*', async (request, reply) => {
      const path = request.params['*'];
      const isAsset = path.startsWith(assets);
      const file = isSafe(path) ? await files.find(path) : undefined;
      if (file !== undefined) {
        if (isAsset) reply.header('cache-control', 'public, max-age=31536000, immutable');
        return sendUnchanging(request, reply, file);
      }
      // A page of an older build asks for a file that is gone: it has to be told so, not given a document as a script.
      if (isAsset) throw new GatewayError('not_found', 'The console has no such file.');
      const document = await files.find('index.html');
      if (document === undefined) return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
      return sendUnchanging(request, reply, document);
    });
  });
}

/** Whether a path can name a file of the build; the ids in deep links may hold dots, and anything else. */
function isSafe(path: string): boolean {
  return /^[\w@-][\w@.-]*(\/[\w@-][\w@.-]*)*$/.test(path) && /\.\w+$/.test(path);
}

function toSearch(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at);
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The console has not been built</title>
<h1>The console has not been built</h1>
<p>The service itself works. <code>npm ci</code> builds the console; or run <code>npm run prepare</code> and reload this page.</p>
</html>
`;
