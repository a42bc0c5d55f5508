import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { refusal } from './access.ts';
import { sendAnswer, sendProblem, type Shell } from './answers.ts';
import { demandSameSite } from './form-token.ts';
import { createPage } from './page.ts';
import { ROUTES } from './pages/table.ts';
import { notFound, Problem, type Route, type SignedIn } from './route.ts';
import { addSecurityHeaders } from './security-headers.ts';
import type { ConsoleServices } from './services.ts';
import { visitorOf } from './session.ts';
import { loadStaticFiles } from './static-files.ts';
import { createRender } from './views.ts';

declare module 'fastify' {
  interface FastifyRequest {
    visitor: SignedIn | null;
  }
}

const FORM_BYTES = 65_536;
const REQUESTS_PER_MINUTE = 600;

export interface ConsoleOptions {
  tls?: { cert: string; key: string } | null;
  routes?: readonly Route[];
}

/**
 * The review console as a server that does not listen yet. The order below is the security design:
 * headers, then limits, then who asks, then whether the form is ours, then whether they may, then
 * the page.
 * @throws where a route has no permission
 */
export async function createConsole(
  services: ConsoleServices,
  { tls = null, routes = ROUTES }: ConsoleOptions = {},
): Promise<FastifyInstance> {
  const app = fastify({
    ...(tls ? { https: tls } : {}),
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: FORM_BYTES,
    requestTimeout: 30_000,
    trustProxy: services.settings.proxies.length > 0 ? services.settings.proxies : false,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: true,
  }) as unknown as FastifyInstance;
  const files = loadStaticFiles();
  const shell = { services, render: createRender(), assetVersion: files.version, routes };

  await addSecurityHeaders(app, services.settings);
  await app.register(rateLimit, {
    max: REQUESTS_PER_MINUTE,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { after }) =>
      new Problem(429, 'Too many requests', `Wait for ${after}, then try again.`),
  });
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: FORM_BYTES });
  // Forms are the only bodies there are.
  app.removeContentTypeParser(['application/json', 'text/plain']);

  app.decorateRequest('visitor', null);

  app.get('/assets/:version/:name', { config: { rateLimit: false } }, async (request, reply) => {
    const { version, name } = request.params as { version: string; name: string };
    const file = version === files.version ? files.files.get(name) : undefined;
    if (!file) return reply.callNotFound();
    void reply.type(file.type).header('cache-control', 'public, max-age=31536000, immutable');
    return reply.send(file.body);
  });
  app.setErrorHandler((error, request, reply) => sendProblem(shell, request, reply, error));
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, async (request, reply) => {
    request.visitor = await visitorOf(services, request);
    return sendProblem(shell, request, reply, notFound());
  });
  for (const route of routes) addRoute(app, shell, route);
  refuseOtherMethods(app, routes);
  return app;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** RFC 9110 §15.5.6: whoever asks in another way than a path takes is told which ones it takes. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  for (const [url, taken] of Map.groupBy(routes, ({ path }) => path)) {
    const methods = taken.map(({ method }) => method as string);
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
    app.route({
      method: METHODS.filter((method) => !methods.includes(method)),
      url,
      exposeHeadRoute: false,
      // Before any body is read.
      onRequest: async (_request, reply) => {
        void reply.header('allow', allow);
        throw new Problem(
          405,
          'Not in this way',
          'Use the links and forms of the console’s pages.',
        );
      },
      handler: async () => null,
    });
  }
}

function addRoute(app: FastifyInstance, shell: Shell, route: Route): void {
  if ((route.access as unknown) === undefined) {
    throw new Error(`Route "${route.method} ${route.path}" has no permission`);
  }
  const { services } = shell;
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyBytes ?? FORM_BYTES,
    config: route.perMinute ? { rateLimit: { max: route.perMinute, timeWindow: '1 minute' } } : {},
    handler: async (request: FastifyRequest, reply) => {
      // Here the address itself opens the page: it is told to nobody, not even to pages of ours.
      if (route.access.kind === 'link') void reply.header('referrer-policy', 'no-referrer');
      const visitor = await visitorOf(services, request);
      request.visitor = visitor;
      if (route.method === 'POST') demandSameSite(services, request, visitor);
      const elsewhere = refusal(services.road.policy(), route, request);
      const page = createPage(services, request, reply, visitor);
      const answer = elsewhere ?? (await route.handle(page));
      return sendAnswer(shell, request, reply, answer, route.title);
    },
  });
}
