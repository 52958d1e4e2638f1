import { toScalar } from '../../domain/json.ts';

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
      : escape(toScalar(value) ?? '');
  return `<${toName(name)}>${inner}</${toName(name)}>`;
}

/** Names of maps may be anything; what XML does not allow becomes an underscore. */
function toName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_.-]/g, '_');
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  // Characters that XML 1.0 cannot hold at all are left out.
  return text
    .replace(/[&<>"]/g, (char) => entities[char] ?? char)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}
