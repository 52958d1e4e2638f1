import type { Channel } from '../../domain/channel.ts';
import { proofOf } from '../kit/app-secret.ts';
import type { Graph, GraphAnswer, GraphCall } from '../kit/graph.ts';

/** Calls the Graph API for a channel: with its token, and the proof of its app's secret where the app asks for one. */
export function ask(
  { graph }: { readonly graph: Graph },
  channel: Channel,
  call: Omit<GraphCall, 'token'>,
): Promise<GraphAnswer> {
  return graph({ ...call, token: channel.credentials['accessToken'] ?? '', ...proofOf(channel) });
}
