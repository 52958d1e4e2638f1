import { toScalar } from '../../domain/json.ts';
import { escapeXml } from '../../domain/xml.ts';

/** Writes an answer as the gateway's XML: members as elements, a list as elements of its own name. */
export function toXml(root: string, value: unknown): string {
  return `<?xml version='1.0' encoding='UTF-8'?>${toElements(root, value)}`;
}

function toElements(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((item) => toElements(name, item)).join('');
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([key, item]) => toElements(key, item))
          .join('')
      : escapeXml(toScalar(value) ?? '');
  return `<${toName(name)}>${inner}</${toName(name)}>`;
}

/** Names of maps may be anything; what XML does not allow becomes an underscore. */
function toName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_.-]/g, '_');
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
}
