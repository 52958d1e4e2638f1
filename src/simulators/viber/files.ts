import type { FastifyInstance } from 'fastify';

const mimeTypes: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
};

/** Serves the files that simulated users of Viber send: `/files/<number>.<ending>`, to anybody, as Viber does. */
export function serveFiles(app: FastifyInstance): void {
  app.get<{ Params: { name: string } }>('/files/:name', (request, reply) => {
    const type = mimeTypes[request.params.name.split('.').at(-1) ?? ''];
    if (type === undefined) return reply.code(404).send('Not Found');
    return reply.type(type).send(Buffer.from(`simulated bytes of ${request.params.name}`));
  });
}
