import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { ConsoleSettings } from './services.ts';

/**
 * Headers of every answer. Scripts run by this request's nonce alone, nothing is loaded from
 * elsewhere, nobody may frame a page, and nothing is kept by caches.
 */
export async function addSecurityHeaders(
  app: FastifyInstance,
  { publicUrl, oidc }: ConsoleSettings,
): Promise<void> {
  const isSecure = publicUrl.startsWith('https:');
  await app.register(helmet, {
    enableCSPNonces: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': [],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'"],
        // Mail is shown in a sandboxed frame of its own, and nothing else is framed.
        'frame-src': ["'self'"],
        // A sign-in form leads on to the council's directory.
        'form-action': ["'self'", ...(oidc ? [new URL(oidc.issuer).origin] : [])],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
        ...(isSecure ? { 'upgrade-insecure-requests': [] } : {}),
      },
    },
    strictTransportSecurity: isSecure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
    // Not `no-referrer`: browsers then send forms with `Origin: null`, which we refuse.
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=(), usb=()');
    void reply.header('cache-control', 'no-store');
    void reply.header('x-robots-tag', 'noindex, nofollow');
  });
}
