import type { FastifyInstance } from 'fastify';
import type { Store } from '../../core/store.ts';

/** What needs no key: is the process alive, is the store, and what the API is like. */
export function openRoutes(app: FastifyInstance, store: Store): void {
  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async () => {
    await store.ready();
    return { status: 'ok' };
  });

  // Made when first asked for: most servers are never asked, and start without it.
  app.get('/openapi.json', async (_request, reply) => {
    const { openapiText } = await import('../openapi.ts');
    return reply.type('application/json; charset=utf-8').send(openapiText());
  });

  app.get('/docs', async (_request, reply) => {
    const { docsPage } = await import('../docs.ts');
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'")
      .send(docsPage());
  });

  app.get('/docs/style.css', async (_request, reply) => {
    const { docsStyle } = await import('../docs.ts');
    return reply.type('text/css; charset=utf-8').send(docsStyle);
  });
}
