// Files of the simulated Messenger and Instagram: anybody may fetch them from their address, until it dies.
import type { FastifyInstance } from 'fastify';
import type { Stage } from '../simulator.ts';

const minute = 60_000;

export class LinkedFiles {
  readonly #stage: Stage;
  readonly #files = new Map<string, { readonly until: number; readonly type: string }>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Gives an address under which a file of that name and type can be fetched. */
  make(name: string, mimeType: string): string {
    const { random, clock, option, fault, address } = this.#stage;
    const id = `${this.#files.size + 1}-${name}`;
    const isDead = random.branch(`file ${id}`).chance(fault('dead-link'));
    const life = isDead ? -1 : Number(option('link-minutes')) * minute;
    this.#files.set(id, { until: clock.now() + life, type: mimeType });
    return `${address()}/cdn/${id}?sig=${random.branch(`sig ${id}`).digits(8)}`;
  }

  routes(app: FastifyInstance): void {
    app.get<{ Params: { id: string } }>('/cdn/:id', (request, reply) => {
      const file = this.#files.get(request.params.id);
      if (file === undefined || file.until <= this.#stage.clock.now())
        return reply.code(403).send('URL signature expired');
      return reply.type(file.type).send(Buffer.from(`simulated bytes of ${request.params.id}`));
    });
  }
}
