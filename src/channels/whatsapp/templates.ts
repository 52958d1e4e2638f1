// Templates on their way to Meta's review and back (docs/protocols/whatsapp.md; Graph API, message_templates).
import type { Channel } from '../../domain/channel.ts';
import { clip } from '../../domain/cut.ts';
import { asListed, digestContent, findDifferences } from '../../domain/template-content.ts';
import type { Template } from '../../domain/template.ts';
import type { Client } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { Pieces } from '../../http/pieces.ts';
import type {
  ChannelFault,
  ListedTemplate,
  ReviewOutcome,
  TemplateList,
  UnreadTemplate,
} from '../channel.ts';
import { toFaultKind } from '../kit/graph-errors.ts';
import { isAboutProof, withSuccess } from '../kit/graph.ts';
import { cutShort, listAll } from '../kit/graph-lists.ts';
import type { Listed } from '../kit/graph-lists.ts';
import { listedFields, readListed, readReview, toUnread, toVendorFormat } from '../kit/listed-templates.ts';
import type { Graph, GraphAnswer, GraphError } from '../kit/graph.ts';
import { isObject, toText } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import { toVendorComponents } from './components.ts';
import { ask } from './authorized-call.ts';
import { toMeaning } from './errors.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

interface TemplateDeps extends Stopwatch {
  readonly graph: Graph;
  readonly client: Pick<Client, 'get'>;
}

type Refusal = Exclude<GraphAnswer, { kind: 'ok' }>;

/** Meta's subcodes of code 100 for a name that has this language already. */
const existsSubcodes = [2388023, 2388024];
const sampleTimeoutMs = 30_000;
const maxSampleBytes = 16_000_000;
const fields = 'id,name,language,category,status,rejected_reason,quality_score';
/** Templates with their components are large; an answer of this many stays far below what is read of one. */
const pageSize = '50';
const maxReason = 1000;
const notRead = 'The list of the Graph API holds what cannot be read.';
const notOurs =
  'The answer to handing this template in was lost, and the one that WhatsApp has under its name says another thing.';

/** Why a template's sample file did not reach Meta. */
class SampleFault extends Error {
  readonly outcome: ReviewOutcome;

  constructor(outcome: ReviewOutcome) {
    super('The sample could not be uploaded.');
    this.name = 'SampleFault';
    this.outcome = outcome;
  }
}

/**
 * Hands a template in for review. One that Meta has already under its name and language is taken when it says the same; where an
 * answer to an earlier call was lost, and it says what was handed in then, it is changed to this one. Any other is left as it is,
 * and this one is refused with what differs. What an earlier call may have brought there is looked for first. Never throws.
 */
export async function submitTemplate(
  deps: TemplateDeps,
  channel: Channel,
  template: Template,
): Promise<ReviewOutcome> {
  if (template.vendorId !== null) return changeTemplate(deps, channel, template, template.vendorId);
  if (template.offered.length > 0) {
    const found = await findListed(deps, channel, template);
    if (found.kind !== 'ok') return toLater(found);
    if (found.template !== undefined) return take(deps, channel, template, found.template);
  }
  const components = await upload(deps, channel, template);
  if (components instanceof SampleFault) return components.outcome;
  const { name, language, category } = template;
  const answer = await ask(deps, channel, {
    method: 'POST',
    path: [wabaOf(channel), 'message_templates'],
    body: {
      name,
      language,
      category,
      parameter_format: toVendorFormat(template.parameterFormat),
      ...toTtl(template),
      components,
    },
  });
  if (answer.kind === 'ok') {
    const vendorId = toText(answer.body['id']);
    if (vendorId === undefined) return { kind: 'later' };
    const { status, reason } = readReview(answer.body);
    return { kind: 'known', vendorId, status: status ?? 'auditing', reason };
  }
  const isThere =
    answer.kind === 'refused' &&
    answer.error.code === 100 &&
    existsSubcodes.includes(answer.error.subcode ?? 0);
  if (!isThere) return toOutcome(answer);
  const found = await findListed(deps, channel, template);
  if (found.kind !== 'ok' || found.template === undefined) return { kind: 'later' };
  return take(deps, channel, template, found.template);
}

async function take(
  deps: TemplateDeps,
  channel: Channel,
  template: Template,
  listed: ListedTemplate,
): Promise<ReviewOutcome> {
  const { vendorId, status, reason } = listed;
  const differences = findDifferences(template, listed);
  if (differences.length === 0) {
    const parameterFormat = asListed(template.parameterFormat, listed.parameterFormat);
    return { kind: 'known', vendorId, status: status ?? 'auditing', reason, parameterFormat };
  }
  if (isOffered(template, listed)) return editTemplate(deps, channel, template, vendorId);
  return {
    kind: 'refused',
    reason: clip(
      `WhatsApp has a template ${template.name} in ${template.language} already (${vendorId}), which says otherwise and was left as it is: ${differences.join('; ')}. Import it, say the same, or take another name.`,
      maxReason,
    ),
  };
}

/** Whether what Meta has is what was handed in here, by a call whose answer was lost. */
function isOffered({ offered }: Pick<Template, 'offered'>, listed: ListedTemplate): boolean {
  return (['NAMED', 'POSITIONAL', 'NUMBERED'] as const).some(
    (parameterFormat) =>
      (parameterFormat === 'NAMED') === (listed.parameterFormat === 'NAMED') &&
      offered.includes(digestContent({ ...listed, parameterFormat })),
  );
}

/**
 * Has Meta change a template, unless it says so there already and is or was reviewed: an earlier call may have been taken while its
 * answer was lost, and one that is in review cannot be changed.
 */
async function changeTemplate(
  deps: TemplateDeps,
  channel: Channel,
  template: Template,
  vendorId: string,
): Promise<ReviewOutcome> {
  const found = await findListed(deps, channel, template);
  if (found.kind !== 'ok') return toLater(found);
  const { template: listed } = found;
  const isTaken =
    listed?.vendorId === vendorId &&
    (listed.status === 'auditing' || listed.status === 'pass') &&
    findDifferences(template, listed).length === 0;
  return isTaken ? toKnown(vendorId, listed) : editTemplate(deps, channel, template, vendorId);
}

/** Has Meta change a template of ours, which is reviewed anew by that. */
async function editTemplate(
  deps: TemplateDeps,
  channel: Channel,
  template: Template,
  vendorId: string,
): Promise<ReviewOutcome> {
  const components = await upload(deps, channel, template);
  if (components instanceof SampleFault) return components.outcome;
  const asked = await ask(deps, channel, {
    method: 'POST',
    path: [vendorId],
    body: {
      parameter_format: toVendorFormat(template.parameterFormat),
      ...toTtl(template),
      components,
    },
  });
  const edit = withSuccess(asked);
  return edit.kind === 'ok' ? { kind: 'known', vendorId, status: 'auditing', reason: '' } : toOutcome(edit);
}

/** The components with the samples of their headers at Meta, or why they are not there. */
async function upload(
  deps: TemplateDeps,
  channel: Channel,
  template: Template,
): Promise<readonly JsonObject[] | SampleFault> {
  try {
    return await toVendorComponents(template, (link) => uploadSample(deps, channel, link));
  } catch (error) {
    if (error instanceof SampleFault) return error;
    throw error;
  }
}

function toTtl({ ttlSeconds }: Template): JsonObject {
  return ttlSeconds === null ? {} : { message_send_ttl_seconds: ttlSeconds };
}

/** Every template of the WABA. Never throws. */
export async function listTemplates(
  deps: Pick<TemplateDeps, 'graph' | 'monotonic'>,
  channel: Channel,
): Promise<TemplateList | ChannelFault> {
  const listed = await list(deps, channel, {});
  if (listed.kind !== 'ok') return toFault(listed);
  const { items: templates, isWhole, unread } = listed;
  return { templates, isWhole, unread };
}

/** Asks how far the review is. Never throws. */
export async function fetchTemplate(
  deps: TemplateDeps,
  channel: Channel,
  template: Template,
): Promise<ReviewOutcome> {
  const { vendorId } = template;
  if (vendorId === null) return { kind: 'later' };
  const answer = await ask(deps, channel, { method: 'GET', path: [vendorId], query: { fields } });
  if (answer.kind === 'ok') return toKnown(vendorId, readReview(answer.body));
  if (answer.kind !== 'refused' || !isAbsence(answer.error)) return toLater(answer);
  // Somebody has deleted it at Meta, or the token may not see it any more: a list that it is absent from tells which.
  const found = await findListed(deps, channel, template);
  if (found.kind !== 'ok') return toLater(found);
  if (found.template?.vendorId === vendorId) return toKnown(vendorId, found.template);
  return { kind: 'known', vendorId, status: 'disabled', reason: '' };
}

/** A word that is not known says nothing of how a review stands. */
function toKnown(
  vendorId: string,
  { status, word, reason }: Pick<ListedTemplate, 'status' | 'word' | 'reason'>,
): ReviewOutcome {
  if (status !== null) return { kind: 'known', vendorId, status, reason };
  return { kind: 'later', ...(word === '' ? {} : { unrecognized: word }) };
}

/** Whether Meta may mean that there is no such object: it says so with the code of a wrong parameter. */
function isAbsence(error: GraphError): boolean {
  return (error.code === 100 || error.code === 33) && !isAboutProof(error);
}

/** Asked for how a review stands, no refusal is a word on it. */
function toLater(answer: Refusal): ReviewOutcome {
  const outcome = toOutcome(answer);
  return outcome.kind === 'refused' ? { kind: 'later', reason: outcome.reason } : outcome;
}

/**
 * Deletes one language of a template at Meta, by its id. Where that is not known because the answer to its submission was lost, it
 * is looked for by its name, and deleted only if it says what was handed in. One that is gone already is as good. Never throws.
 */
export async function deleteTemplate(
  deps: TemplateDeps,
  channel: Channel,
  template: Pick<Template, 'name' | 'language' | 'vendorId' | 'offered'>,
): Promise<ChannelFault | null> {
  let { vendorId } = template;
  if (vendorId === null) {
    // What was never handed in is not there, whatever is there under its name.
    if (template.offered.length === 0) return null;
    const found = await findListed(deps, channel, template);
    if (found.kind !== 'ok') return toFault(found);
    if (found.template === undefined) return null;
    if (!isOffered(template, found.template)) return { fault: 'refused', reason: notOurs };
    vendorId = found.template.vendorId;
  }
  const asked = await ask(deps, channel, {
    method: 'DELETE',
    path: [wabaOf(channel), 'message_templates'],
    query: { hsm_id: vendorId, name: template.name },
  });
  const answer = withSuccess(asked);
  if (answer.kind === 'ok') return null;
  if (answer.kind !== 'refused' || !isAbsence(answer.error)) return toFault(answer);
  // A wrong parameter is as good as done only where the list of the account lacks the template.
  const left = await findListed(deps, channel, template);
  if (left.kind !== 'ok') return toFault(left);
  return left.template?.vendorId === vendorId ? toFault(answer) : null;
}

function toFault(answer: Refusal): ChannelFault {
  if (answer.kind !== 'refused') return { fault: 'later', reason: answer.text };
  const failure = toMeaning(answer.error)?.failure;
  // What a person has to mend at the account may be otherwise at another time.
  return {
    fault: failure === 'account' ? 'later' : toFaultKind(failure),
    reason: answer.error.text,
  };
}

function wabaOf({ wabaId }: Channel): string {
  return wabaId ?? '';
}

/** Only a word on what the template says is a refusal of it: a token, a permission, a limit or an unknown code is none. */
function toOutcome(answer: Refusal): ReviewOutcome {
  if (answer.kind !== 'refused') return { kind: 'later' };
  const { code, text } = answer.error;
  const failure = toMeaning(answer.error)?.failure;
  if (failure === 'throttle' || failure === 'transient') return { kind: 'later' };
  if (failure === 'permanent' || failure === 'template' || failure === 'media')
    return { kind: 'refused', reason: text };
  const isUnknown = (failure === undefined || failure === 'unrecognized') && code !== null;
  return { kind: 'later', reason: text, ...(isUnknown ? { unrecognized: String(code) } : {}) };
}

/** The template of that name and language; undefined where Meta has none. */
async function findListed(
  deps: Pick<TemplateDeps, 'graph' | 'monotonic'>,
  channel: Channel,
  { name, language }: Pick<Template, 'name' | 'language'>,
): Promise<Refusal | { readonly kind: 'ok'; readonly template: ListedTemplate | undefined }> {
  // What Meta's filter lets through beside the very name is left out here.
  const listed = await list(deps, channel, { name }, (one) => one.name === name && one.language === language);
  if (listed.kind !== 'ok') return listed;
  const [template] = listed.items;
  if (template === undefined && !listed.isWhole)
    return { kind: 'unknown', text: listed.unread.length > 0 ? notRead : cutShort };
  return { kind: 'ok', template };
}

type ListedTemplates = Listed<ListedTemplate> & { readonly unread: readonly UnreadTemplate[] };

async function list(
  deps: Pick<TemplateDeps, 'graph' | 'monotonic'>,
  channel: Channel,
  query: Readonly<Record<string, string>>,
  isWanted?: (template: ListedTemplate) => boolean,
): Promise<ListedTemplates> {
  const path = [wabaOf(channel), 'message_templates'];
  const route = { by: 'waba', id: wabaOf(channel) } as const;
  const unread: UnreadTemplate[] = [];
  const listed = await listAll({
    monotonic: deps.monotonic,
    ask: (page) => ask(deps, channel, { method: 'GET', path, query: page }),
    query: { ...query, fields: listedFields, limit: pageSize },
    pick: (found) => {
      const template = readListed(found, route);
      if (template === undefined) unread.push(toUnread(found));
      return template === undefined || isWanted?.(template) === false ? undefined : template;
    },
    isEnough: (found) => isWanted !== undefined && found.length > 0,
  });
  // What cannot be read may be any template.
  if (listed.kind === 'ok' && unread.length > 0) return { ...listed, isWhole: false, unread };
  return { ...listed, unread };
}

/** Uploads the sample file of a header by Meta's resumable upload, in one piece. Throws {@link SampleFault}. */
async function uploadSample(deps: TemplateDeps, channel: Channel, link: string): Promise<string> {
  const file = await fetchSample(deps, link);
  const appId = await findAppId(deps, channel);
  const session = await ask(deps, channel, {
    method: 'POST',
    path: [appId, 'uploads'],
    query: { file_length: String(file.bytes.byteLength), file_type: file.mimeType, file_name: 'sample' },
  });
  if (session.kind !== 'ok') throw new SampleFault(toOutcome(session));
  const sessionId = toText(session.body['id']);
  if (sessionId === undefined) throw new SampleFault({ kind: 'later' });
  const token = channel.credentials['accessToken'] ?? '';
  const uploaded = await ask(deps, channel, {
    method: 'POST',
    path: [sessionId],
    raw: {
      headers: { authorization: `OAuth ${token}`, file_offset: '0', 'content-type': file.mimeType },
      body: file.bytes,
    },
  });
  if (uploaded.kind !== 'ok') throw new SampleFault(toOutcome(uploaded));
  const handle = toText(uploaded.body['h']);
  if (handle === undefined) throw new SampleFault({ kind: 'later' });
  return handle;
}

async function fetchSample(
  { client }: TemplateDeps,
  link: string,
): Promise<{ bytes: Buffer; mimeType: string }> {
  const refused = (reason: string): SampleFault => new SampleFault({ kind: 'refused', reason });
  if (!/^https?:\/\//i.test(link)) throw refused('The header needs the address of a sample file.');
  const answer = await client.get(link, {}, sampleTimeoutMs);
  if (isFailure(answer)) throw refused(`The sample file cannot be fetched: ${answer.reason}.`);
  const pieces = new Pieces();
  try {
    for await (const chunk of answer.body) {
      pieces.add(chunk);
      if (pieces.length > maxSampleBytes)
        throw refused(`The sample file is larger than ${maxSampleBytes} bytes.`);
    }
  } catch (error) {
    if (error instanceof SampleFault) throw error;
    throw new SampleFault({ kind: 'later' });
  }
  if (answer.status === 429 || answer.status >= 500) throw new SampleFault({ kind: 'later' });
  if (answer.status !== 200) throw refused(`The address of the sample file answered ${answer.status}.`);
  const type = toText(answer.headers['content-type'])?.split(';')[0] ?? 'application/octet-stream';
  return { bytes: pieces.join(), mimeType: type };
}

/** The app that the token belongs to; uploads of samples hang on it. */
async function findAppId(deps: TemplateDeps, channel: Channel): Promise<string> {
  const { options, credentials } = channel;
  if (typeof options['appId'] === 'string') return options['appId'];
  const answer = await ask(deps, channel, {
    method: 'GET',
    path: ['debug_token'],
    query: { input_token: credentials['accessToken'] ?? '' },
  });
  if (answer.kind !== 'ok') throw new SampleFault(toOutcome(answer));
  const data = isObject(answer.body['data']) ? answer.body['data'] : {};
  const appId = toText(data['app_id']);
  if (appId === undefined)
    throw new SampleFault({
      kind: 'later',
      reason: 'Meta does not tell the app of the access token; set appId.',
    });
  return appId;
}
