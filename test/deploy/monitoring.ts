// The alarms and the dashboard of deploy/, and what of the metrics their queries speak of.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const rulesFile = fileURLToPath(new URL('../../deploy/prometheus/rules.yaml', import.meta.url));
export const rulesTestFile = fileURLToPath(
  new URL('../../deploy/prometheus/rules_test.yaml', import.meta.url),
);
export const configFile = fileURLToPath(new URL('../../deploy/prometheus/prometheus.yaml', import.meta.url));
const dashboardFile = new URL('../../deploy/grafana/overview.json', import.meta.url);

interface Alarm {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export function readAlarms(): readonly Alarm[] {
  const { groups } = parse(readFileSync(rulesFile, 'utf8')) as {
    groups: readonly { readonly rules: readonly Alarm[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: unknown;
  }[];
}

interface Dashboard {
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: unknown }[];
  };
  readonly panels: readonly Panel[];
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(dashboardFile, 'utf8')) as Dashboard;
}

/** A metric that a query names, with the labels that it asks of it. */
interface Mention {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** Every metric that a query names with its own labels, and the labels that it groups by. Throws at a word that it does not know. */
export function findMentions(query: string): {
  readonly metrics: readonly Mention[];
  readonly groups: readonly string[];
} {
  const groups: string[] = [];
  const metrics: Mention[] = [];
  const rest = query
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_all, names: string) => {
      groups.push(...names.split(',').map((name) => name.trim()));
      return ' ';
    })
    .replaceAll(/\[[^\]]*\]|\boffset\s+\w+/g, ' ')
    .replaceAll(
      /\b(chasqui_\w+|up)\b\s*(?:\{((?:[^}"]|"[^"]*")*)\})?/g,
      (_all, metric: string, inner = '') => {
        const labels = [...String(inner).matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)];
        metrics.push({ metric, labels: labels.map(([, label = '']) => label) });
        return ' ';
      },
    );
  const known =
    /^(?:sum|max|min|abs|absent|rate|increase|time|topk|vector|histogram_quantile|min_over_time|predict_linear|or|and|unless)$/;
  const strange = (rest.match(/[a-z_]\w*/gi) ?? []).filter((word) => !known.test(word));
  if (strange.length > 0) throw new Error(`${query} has ${strange.join(', ')}.`);
  return { metrics, groups: groups.filter((name) => name !== '') };
}

/** The metrics of a text in Prometheus' form by name, each with the labels that its series have; those of histograms by their parts. */
export function readSeries(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm))
    for (const part of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) {
      const labels = new Set<string>();
      if (part === '_bucket') labels.add('le');
      found.set(name + part, labels);
    }
  for (const [, name = '', inner = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm))
    for (const [, label = ''] of inner.matchAll(/(\w+)="/g)) found.get(name)?.add(label);
  return found;
}
