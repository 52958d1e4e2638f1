import type { FastifyInstance } from 'fastify';

/** What a client generator calls an operation: `PUT /channels/{channelId}/senders/{senderId}` is `putChannelSender`. */
export function toOperationId(method: string, url: string): string {
  const parts = url.split('/').slice(3);
  const words = parts.flatMap((part, index) => {
    if (part.startsWith(':')) return [];
    const isOne = parts[index + 1]?.startsWith(':') === true;
    return (isOne ? part.replace(/ies$/, 'y').replace(/s$/, '') : part).split('-');
  });
  const capitals = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return method.toLowerCase() + capitals.join('');
}

/**
 * Makes the OpenAPI 3.1 document of a scope's routes. Schemas with a title become components of that name, so that
 * generated clients have one type each for them.
 */
export function toOpenApi(scope: FastifyInstance): Record<string, unknown> {
  const { components, ...document } = scope.swagger() as { components?: Record<string, unknown> };
  const schemas: Record<string, unknown> = {};
  const hoisted = hoist(document, schemas) as Record<string, unknown>;
  return { ...hoisted, components: { ...components, schemas } };
}

function hoist(node: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(node)) return node.map((item) => hoist(item, schemas));
  if (typeof node !== 'object' || node === null) return node;
  // What the generator writes where nobody said anything.
  if ('description' in node && node.description === 'Default Response')
    return hoist({ ...node, description: 'Success.' }, schemas);
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, hoist(value, schemas)]));
  const { title } = copy;
  if (copy['type'] !== 'object' || typeof title !== 'string') return copy;
  schemas[title] = copy;
  return { $ref: `#/components/schemas/${title}` };
}
