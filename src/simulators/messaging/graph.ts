// The Graph API of the simulated Messenger and Instagram: sending, subscription, tokens and Pages (docs/protocols/messenger-instagram.md).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readJsonBody } from '../simulator.ts';
import type { Stage } from '../simulator.ts';
import { toPage } from '../meta/lists.ts';
import { toUsage } from './messages.ts';
import type { SentMessages } from './messages.ts';
import { toErrorBody } from './rules.ts';
import type { MessagingError, MessagingType } from './rules.ts';
import { appId } from './tokens.ts';
import type { AccessTokens } from './tokens.ts';
import type { MessagingWebhooks } from './webhooks.ts';

interface GraphDeps {
  readonly type: MessagingType;
  readonly stage: Stage;
  readonly accountId: string;
  readonly tokens: AccessTokens;
  readonly messages: SentMessages;
  readonly webhooks: MessagingWebhooks;
}

const scopes = ['pages_messaging', 'pages_manage_metadata', 'instagram_basic', 'instagram_manage_messages'];
const tokenLifeSeconds = 60 * 24 * 60 * 60;
const subscribedFields = [
  'messages',
  'message_echoes',
  'message_deliveries',
  'message_reads',
  'messaging_postbacks',
  'message_reactions',
];

export class MessagingGraph {
  readonly #deps: GraphDeps;

  constructor(deps: GraphDeps) {
    this.#deps = deps;
  }

  /** Adds the calls, each of which needs a token that is good. */
  routes(app: FastifyInstance): void {
    app.register(async (graph) => {
      graph.addHook('preHandler', async (request, reply) => {
        const error = this.#deps.tokens.findFault(request);
        if (error !== undefined) await refuse(reply, error);
      });
      graph.post('/:version/:node/messages', (request, reply) => this.#takeMessage(request, reply));
      this.#tokenRoutes(graph);
      this.#appRoutes(graph);
      this.#accountRoutes(graph);
    });
  }

  async #takeMessage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { messages, stage } = this.#deps;
    const { clock, ledger } = stage;
    const taken = messages.take(readJsonBody(request.body));
    if (taken.kind === 'refused') return refuse(reply, taken.error);
    if (taken.kind === 'lost') {
      ledger.note(clock.now(), `lost the answer of ${taken.id}`);
      request.raw.socket.destroy();
      return reply.hijack();
    }
    const { answer, usage, afterMs } = taken;
    if (afterMs > 0) await new Promise<void>((resolve) => clock.after(afterMs, resolve));
    return reply.headers(usage === undefined ? {} : toUsage(usage)).send(answer);
  }

  #tokenRoutes(graph: FastifyInstance): void {
    const { tokens } = this.#deps;
    graph.get('/:version/debug_token', () => ({
      data: { app_id: appId, is_valid: true, expires_at: 0, scopes },
    }));
    graph.get('/refresh_access_token', () => ({
      access_token: tokens.renew(),
      token_type: 'bearer',
      expires_in: tokenLifeSeconds,
    }));
  }

  /** Where the app's events go. */
  #appRoutes(graph: FastifyInstance): void {
    const { type, webhooks } = this.#deps;
    graph.get('/:version/:app/subscriptions', () => ({
      data: [
        {
          object: type === 'messenger' ? 'page' : 'instagram',
          callback_url: webhooks.url,
          active: true,
          fields: subscribedFields.map((name) => ({ name, version: 'v25.0' })),
        },
      ],
    }));
    graph.post('/:version/:app/subscriptions', async (request, reply) => {
      const { callback_url: url, verify_token: verifyToken } = readJsonBody(request.body);
      try {
        await webhooks.setUrl(String(url), String(verifyToken));
      } catch (error) {
        const message = error instanceof Error ? error.message : '';
        return refuse(reply, { status: 400, code: 2200, message });
      }
      return reply.send({ success: true });
    });
  }

  /** The account itself, its Page, and whether the app gets its events. */
  #accountRoutes(graph: FastifyInstance): void {
    const { type, stage, accountId, tokens, webhooks } = this.#deps;
    graph.get('/:version/me/accounts', (request) =>
      toPage(request, stage.address(), [
        ...toOtherPages(type, Number(stage.option('other-pages'))),
        this.#toOwnPage(),
      ]),
    );
    graph.get('/:version/me', () => ({ id: accountId, user_id: accountId, username: 'simulated' }));
    graph.get('/:version/:node', () => ({ id: accountId, access_token: tokens.ofPage() }));
    graph.get('/:version/:node/subscribed_apps', (request) =>
      toPage(
        request,
        stage.address(),
        webhooks.isSubscribed ? [{ id: '1', subscribed_fields: subscribedFields }] : [],
      ),
    );
    graph.post('/:version/:node/subscribed_apps', () => {
      webhooks.setSubscribed(true);
      return { success: true };
    });
    graph.delete('/:version/:node/subscribed_apps', () => {
      webhooks.setSubscribed(false);
      return { success: true };
    });
  }

  #toOwnPage(): object {
    const { type, accountId, tokens } = this.#deps;
    const page = type === 'messenger' ? accountId : '300000000000009';
    const linked =
      type === 'messenger' ? {} : { instagram_business_account: { id: accountId, username: 'simulated' } };
    return { id: page, name: 'Simulated Page', access_token: tokens.ofPage(), ...linked };
  }
}

function refuse(reply: FastifyReply, error: MessagingError): FastifyReply {
  return reply
    .code(error.status)
    .headers(error.headers ?? {})
    .send(toErrorBody(error));
}

/** Pages that nobody plays: they fill the pages of lists. */
function toOtherPages(type: MessagingType, count: number): readonly object[] {
  return Array.from({ length: count }, (_, n) => ({
    id: String(310_000_000_000_000 + n),
    name: `Simulated Branch ${n + 1}`,
    access_token: `EAAsimulatedBranch${n + 1}`,
    ...(type === 'messenger'
      ? {}
      : {
          instagram_business_account: {
            id: `1784100000000${1000 + n}`,
            username: `simulated_branch_${n + 1}`,
          },
        }),
  }));
}
