// Nothing that a channel tells is lost: every leaf of an event is in a receipt, in the table of docs/receipts.md of what is left out on
// purpose, or the event is remarked on and kept raw. Tried on every payload of test/fixtures, and of ../shared/fixtures where that is.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { folderOf, kinds, tell } from '../support/told.ts';
import type { Kind, Told } from '../support/told.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Path = readonly (string | number)[];

const own = new URL('../fixtures/', import.meta.url);
const recorded = new URL('../../../shared/fixtures/', import.meta.url);

/** The webhooks of a folder's channel, each with its name. */
function payloadsOf(kind: Kind): readonly (readonly [string, Json])[] {
  return [new URL(folderOf(kind), own), new URL(`${kind}/`, recorded)]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.json') && !/__(api-|request)/.test(file))
        .map((file) => [file, readJson(new URL(file, folder))] as const),
    );
}

function readJson(file: URL): Json {
  // Numbers beyond 2^53 are read by the connectors as texts, which a test need not repeat.
  return JSON.parse(readFileSync(file, 'utf8').replace(/([:[,]\s*)(-?\d{16,})/g, '$1"$2"')) as Json;
}

/** The payload parted into payloads of one event each, so that what is said of one is said of it alone. */
function part(kind: Kind, payload: Json): readonly Json[] {
  if (kind === 'viber-business' && Array.isArray(payload)) return payload;
  if (!isObject(payload) || !Array.isArray(payload['entry'])) return [payload];
  return each(payload, 'entry').flatMap((post) => {
    const lists = ['messaging', 'standby', 'changes'];
    return lists
      .flatMap((list) => eachAt(post, ['entry', 0], list, lists))
      .flatMap((one) => {
        const value = at(one, ['entry', 0, 'changes', 0, 'value']);
        const inner = ['messages', 'statuses'].filter(
          (list) => isObject(value) && Array.isArray(value[list]),
        );
        return inner.length === 0
          ? [one]
          : inner.flatMap((list) => eachAt(one, ['entry', 0, 'changes', 0, 'value'], list, inner));
      });
  });
}

function each(object: { [name: string]: Json }, list: string): Json[] {
  const items = object[list];
  return Array.isArray(items) ? items.map((item) => ({ ...object, [list]: [item] })) : [];
}

/** For each item of a list of the object at a path: the payload with that item alone, and without the sibling lists. */
function eachAt(payload: Json, path: Path, list: string, siblings: readonly string[]): Json[] {
  const object = at(payload, path);
  if (!isObject(object)) return [];
  const rest = Object.fromEntries(
    Object.entries(object).filter(([name]) => name === list || !siblings.includes(name)),
  );
  return each(rest, list).map((one) => put(payload, path, one));
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as { [name: string]: Json })[name] : undefined,
    value,
  );
}

/** The value with another one at a path. */
function put(value: Json, [name, ...path]: Path, other: Json): Json {
  if (name === undefined) return other;
  if (Array.isArray(value)) return value.map((item, n) => (n === name ? put(item, path, other) : item));
  assert.ok(isObject(value));
  const inner = value[name];
  return { ...value, [name]: path.length === 0 || inner === undefined ? other : put(inner, path, other) };
}

/** Every place of a value, itself included. */
function places(value: Json, path: Path = []): readonly (readonly [Path, Json])[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, n) => places(item, [...path, n]))
    : isObject(value)
      ? Object.entries(value).flatMap(([name, item]) => places(item, [...path, name]))
      : [];
  return [[path, value], ...inner];
}

/** The table of docs/receipts.md of what is left out on purpose, as patterns of paths. */
const leftOut = readLeftOut();
const met = new Set<string>();

function readLeftOut(): readonly {
  readonly kind: string;
  readonly path: string;
  readonly pattern: RegExp;
}[] {
  const page = readFileSync(new URL('../../docs/receipts.md', import.meta.url), 'utf8');
  const [, table = ''] = page.split('### Left out on purpose\n');
  const lines = (table.split(/\n#{2,3} /)[0] ?? '').matchAll(/^\| ([a-z][^|]+) \| ([^|]+) \| [^|]+ \|$/gm);
  const rows = [...lines].filter(([, channels]) => channels !== 'channel');
  return rows.flatMap(([, channels = '', members = '']) =>
    [...members.matchAll(/`([^`]+)`/g)].flatMap(([, path = '']) =>
      channels.split(', ').map((channel) => ({
        kind: channel.trim(),
        path,
        pattern: toPattern(path),
      })),
    ),
  );
}

function toPattern(path: string): RegExp {
  const source = path
    .replaceAll('.', '\\.')
    .replaceAll('*', '[^.]+')
    .replaceAll(/\{([^}]+)\}/g, (_, names: string) => `(${names.replaceAll(',', '|')})`);
  return new RegExp(`^${source}(\\.|$)`);
}

function isLeftOut(kind: Kind, path: Path): boolean {
  const text = path.filter((name) => typeof name === 'string').join('.');
  const found = leftOut.filter((row) => row.kind === kind && row.pattern.test(text));
  for (const row of found) met.add(`${row.kind} ${row.path}`);
  return found.length > 0;
}

/** What is told, but for what is made of a digest of the whole event: its ids. */
function textOf({ receipts, marks, files }: Told): string {
  const shown = receipts.map(({ ReceiptId: _, ...receipt }) => receipt);
  return JSON.stringify([shown, marks, files]).replaceAll(/[0-9a-f]{32}|(?<=#reaction-)[0-9a-f]{12}/g, '*');
}

/** Another value of the same kind. */
function change(value: Json): Json {
  if (typeof value === 'string')
    return /^\d+$/.test(value)
      ? String(BigInt(value) + 1n)
      : /^https?:/.test(value)
        ? `${value}/zq`
        : `${value}zq`;
  if (typeof value === 'number') return value + 1;
  return typeof value === 'boolean' ? !value : 'zq';
}

const marker = 'zqmarker';
/** Members that nobody knows, one of each shape. */
const unknown: readonly Json[] = [marker, { zq: marker }, [1, { zq: marker }]];

for (const kind of Object.keys(kinds) as Kind[]) {
  describe(`events of ${kind}`, () => {
    const payloads = payloadsOf(kind).flatMap(([file, payload]) =>
      part(kind, payload).map((one) => ({ file, one, told: tell(kind, one) })),
    );

    /** Fails with all places that lose something, so that they are seen at once. */
    function check(lost: ReadonlyMap<string, string>): void {
      assert.deepEqual(
        [...lost].map(([path, file]) => `${path} (${file})`),
        [],
      );
    }

    it('tell every leaf, or are kept under a remark', () => {
      const lost = new Map<string, string>();
      for (const { file, one, told } of payloads) {
        if (told.remarks.length > 0) continue;
        assert.ok(told.receipts.length + told.marks.length > 0, `${file} became nothing`);
        const before = textOf(told);
        for (const [path, value] of places(one)) {
          if (typeof value === 'object' || value === '' || isLeftOut(kind, path)) continue;
          const changed = tell(kind, put(one, path, change(value)));
          if (changed.remarks.length === 0 && textOf(changed) === before) lost.set(path.join('.'), file);
        }
      }
      check(lost);
    });

    it('tell every leaf beside a member that is missing, empty or another word', () => {
      const lost = new Map<string, string>();
      for (const { file, one, told } of payloads) {
        if (told.remarks.length > 0) continue;
        for (const [path, parent] of places(one)) {
          if (!isObject(parent)) continue;
          for (const name of Object.keys(parent)) {
            const { [name]: _, ...others } = parent;
            for (const member of [{}, { [name]: null }, { [name]: 'zq' }]) {
              const odd = put(one, path, { ...others, ...member });
              const less = tell(kind, odd);
              if (less.remarks.length > 0) continue;
              const before = textOf(less);
              for (const [inner, value] of places(others, path)) {
                if (typeof value === 'object' || value === '' || isLeftOut(kind, inner)) continue;
                const changed = tell(kind, put(odd, inner, change(value)));
                if (changed.remarks.length === 0 && textOf(changed) === before)
                  lost.set(`${inner.join('.')} beside ${name} ${JSON.stringify(member)}`, file);
              }
            }
          }
        }
      }
      check(lost);
    });

    it('tell members that nobody knows, wherever they stand', () => {
      const lost = new Map<string, string>();
      for (const { file, one, told } of payloads) {
        if (told.remarks.length > 0) continue;
        for (const [path, value] of places(one)) {
          if (typeof value !== 'object' || value === null || isLeftOut(kind, path)) continue;
          for (const member of unknown) {
            const grown = Array.isArray(value) ? [...value, member] : { ...value, zq: member };
            if (!isTold(tell(kind, put(one, path, grown)))) lost.set(path.join('.'), file);
          }
        }
      }
      check(lost);
    });

    it('tell members by names that receipts have themselves', () => {
      const lost = new Map<string, string>();
      for (const { file, one, told } of payloads) {
        if (told.remarks.length > 0) continue;
        const names = new Set(told.receipts.flatMap(ownNames));
        for (const [path, value] of places(one)) {
          if (!isObject(value) || isLeftOut(kind, path)) continue;
          for (const name of names) {
            const place = [...path, name];
            if (Object.hasOwn(value, name) || isLeftOut(kind, place)) continue;
            if (!isTold(tell(kind, put(one, path, { ...value, [name]: marker }))))
              lost.set(place.join('.'), file);
          }
        }
      }
      check(lost);
    });

    it('tell members of another shape than the known one', () => {
      const lost = new Map<string, string>();
      for (const { file, one, told } of payloads) {
        if (told.remarks.length > 0) continue;
        for (const [path] of places(one)) {
          if (path.length === 0 || isLeftOut(kind, path)) continue;
          for (const member of unknown)
            if (!isTold(tell(kind, put(one, path, member))))
              lost.set(`${path.join('.')} = ${JSON.stringify(member)}`, file);
        }
      }
      check(lost);
    });

    it('are never put aside as no message where something stands in the place of one', () => {
      const lost = new Map<string, string>();
      for (const { file, one, told } of payloads) {
        if (told.remarks.length > 0 || told.marks.length > 0 || !told.receipts.every(isMessage)) continue;
        for (const [path] of places(one)) {
          if (tellsKind(path)) continue;
          for (const member of unknown) {
            const { receipts, mayBeMessage } = tell(kind, put(one, path, member));
            if (receipts.length === 0 && !mayBeMessage)
              lost.set(`${path.join('.')} = ${JSON.stringify(member)}`, file);
          }
        }
      }
      check(lost);
    });

    it('are at hand in a clean checkout', () => {
      const files = readdirSync(new URL(folderOf(kind), own)).filter((file) => file.endsWith('.json'));
      assert.ok(files.length >= 8, `${files.length} payloads`);
    });
  });
}

/** The names in a receipt's message that are of ours, or of the channel and one level up. */
function ownNames({ Message }: Told['receipts'][number]): readonly string[] {
  if (typeof Message !== 'string' || !Message.startsWith('{')) return ['type'];
  return ['type', 'of', ...Object.keys(JSON.parse(Message) as object)];
}

function isMessage({ NoticeType, Type }: Told['receipts'][number]): boolean {
  return NoticeType === 'inbound' && Type !== 'CALL';
}

/** Whether a member says what kind of thing a webhook tells, so that it is no message once another word stands there. */
function tellsKind(path: Path): boolean {
  const name = path.at(-1);
  return name === 'object' || name === 'field' || path.includes('statuses') || name === 'is_echo';
}

function isTold(told: Told): boolean {
  return told.remarks.length > 0 || textOf(told).includes(marker);
}

after(() => {
  const unmet = leftOut.map(({ kind, path }) => `${kind} ${path}`).filter((row) => !met.has(row));
  assert.ok(leftOut.length > 10, 'the table was not found');
  assert.deepEqual(unmet, [], 'rows of the table that no payload has');
});
