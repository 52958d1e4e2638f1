// Templates made and changed: whoever asks, the rules are the same, and a review follows.
import { randomBytes } from 'node:crypto';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Channel } from '../../domain/channel.ts';
import { cut } from '../../domain/cut.ts';
import { requireStorable, toTexts } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import { missing, Refusal } from '../../domain/refusal.ts';
import type { ParameterFormat, Template, TemplateComponent, TemplateType } from '../../domain/template.ts';
import { asListed, chooseFormat, findDifferences } from '../../domain/template-content.ts';
import { versionOfTemplate } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';
import { readComponents } from './components.ts';
import {
  readCategory,
  readLanguage,
  requireName,
  requireRoom,
  requireTtl,
  requireTemplateType,
} from './rules.ts';

/** Where the review of a template has to stand for the template to be modified. */
const modifiable: readonly AuditStatus[] = ['auditing', 'fail', 'unaudit'];

export interface SubmissionDeps {
  readonly store: Pick<Store, 'findTemplates' | 'createTemplate' | 'updateTemplate'>;
  readonly now: () => number;
}

/** Whose template it is, and who is at work. */
export interface TemplateOwner {
  readonly accountId: AccountId;
  readonly actor: Actor;
}

/** What a template is to say, as it was given. */
export interface GivenContent {
  readonly components: readonly unknown[];
  /** Texts, numbers and booleans by variable. */
  readonly example?: JsonObject | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly categoryChangePaused?: boolean | undefined;
}

export interface GivenTemplate extends GivenContent {
  readonly name: string;
  readonly language: string;
  readonly type: TemplateType;
  readonly category: string;
}

interface GivenChange extends GivenContent {
  readonly category?: string | undefined;
}

type Content = Pick<Template, 'components' | 'example' | 'ttlSeconds' | 'categoryChangePaused'>;
type Said = Content & Pick<Template, 'category' | 'parameterFormat'>;

/**
 * Makes a template of a channel, to be handed in for review; one that was found at the channel and says the same is joined. Resolves
 * to its code. Throws the refusal of the rule that is broken.
 */
export async function submitTemplate(
  deps: SubmissionDeps,
  owner: TemplateOwner,
  channel: Channel,
  given: GivenTemplate,
): Promise<string> {
  const { name, type } = given;
  const { store, now } = deps;
  const language = readLanguage(given.language);
  const category = readCategory(type, given.category);
  requireStorable('Name', name);
  requireName(type, name);
  requireTemplateType(channel, type);
  const content = readContent(type, category, given);
  const key = { channelId: channel.id, name, language };
  requireRoom((await store.findTemplates(owner.accountId, { channelId: channel.id })).length);
  const said: Said = { category, ...content, parameterFormat: chooseFormat(content.components) };
  const made = await store.createTemplate(
    owner.accountId,
    {
      ...key,
      code: randomBytes(16).toString('hex'),
      type,
      ...said,
      status: 'auditing',
      reason: '',
      allowSend: true,
      quality: 'UNKNOWN',
      vendorId: null,
      isEdited: false,
      offered: [],
      asked: null,
      reviewAt: now(),
    },
    owner.actor,
  );
  return made === 'exists' ? join(deps, owner, key, said) : made.code;
}

/**
 * Joins a template to be made to one that was found at the channel and says the same, names of variables aside: those are the
 * caller's from then on. Resolves to its code. Throws a refusal for any other, with what differs.
 */
async function join(
  { store }: SubmissionDeps,
  { accountId, actor }: TemplateOwner,
  { channelId, name, language }: Pick<Template, 'channelId' | 'name' | 'language'>,
  said: Said,
): Promise<string> {
  const [known] = await store.findTemplates(accountId, { channelId, name, language });
  const there = `There is a template ${name} in ${language} already`;
  if (known === undefined) throw taken(`${there}, which is being deleted.`);
  const differences = findDifferences(said, known);
  if (differences.length > 0)
    throw taken(`${there}, and what it says differs: ${cut(differences.join('; '))}.`);
  // One that was handed in here is made twice.
  if (known.vendorId === null || known.offered.length > 0 || known.isEdited) throw taken(`${there}.`);
  const { code } = known;
  const { components, example } = said;
  const parameterFormat = asListed(said.parameterFormat, known.parameterFormat);
  const key = { channelId, code, language };
  await store.updateTemplate(accountId, { ...key, components, example, parameterFormat }, actor, undefined, {
    kind: 'versions',
    versions: [versionOfTemplate(known)],
  });
  return code;
}

/**
 * Replaces what a template says that has not passed; it is reviewed again. Throws the refusal of the rule that is broken, and
 * `changed_meanwhile` when the template is not as `expected`.
 */
export async function modifyTemplate(
  { store, now }: SubmissionDeps,
  owner: TemplateOwner & { readonly expected?: Expected | undefined },
  template: Template,
  given: GivenChange,
): Promise<void> {
  const { channelId, code, language, type } = template;
  const category = given.category === undefined ? template.category : readCategory(type, given.category);
  if (type === 'WHATSAPP' && category !== template.category)
    throw new Refusal('template', 'The category of a WhatsApp template cannot be changed.');
  const { ttlSeconds, categoryChangePaused, ...said } = readContent(type, category, given);
  const outcome = await store.updateTemplate(
    owner.accountId,
    {
      channelId,
      code,
      language,
      ...said,
      ...(given.ttlSeconds === undefined ? {} : { ttlSeconds }),
      ...(given.categoryChangePaused === undefined ? {} : { categoryChangePaused }),
      // Only the channel changes that of a WhatsApp template, perhaps at this moment.
      ...(type === 'WHATSAPP' ? {} : { category }),
      status: 'auditing',
      reason: '',
      // Handed in anew, or changed where the channel has it.
      isEdited: true,
      parameterFormat: chooseChanged(template, said.components),
      reviewAt: now(),
    },
    owner.actor,
    modifiable,
    owner.expected,
  );
  if (outcome === 'missing') throw noTemplate();
  if (outcome === 'closed')
    throw new Refusal(
      'template',
      `Only a template whose review stands at ${modifiable.join(', ')} may be modified. GetChatappTemplateDetail tells where this one stands.`,
    );
}

/** The refusal of what is asked of a template that is not there. */
export function noTemplate(): Refusal {
  return new Refusal('template_unknown', 'There is no such template in that language.');
}

function readContent(type: TemplateType, category: string, given: GivenContent): Content {
  const { ttlSeconds = null, categoryChangePaused = false } = given;
  if (given.components.length === 0) throw missing('Components');
  requireStorable('Components', given.components);
  const components = readComponents(type, category, given.components);
  requireStorable('Example', given.example);
  const example = toTexts('Example', given.example);
  requireTtl(category, ttlSeconds);
  return { components, example, ttlSeconds, categoryChangePaused };
}

/** A template that the channel knows by the places of its variables stays so: the format of one that is there is not changed. */
function chooseChanged(
  { vendorId, parameterFormat }: Template,
  components: readonly TemplateComponent[],
): ParameterFormat {
  const chosen = chooseFormat(components);
  return vendorId !== null && parameterFormat !== 'NAMED' && chosen === 'NAMED' ? 'POSITIONAL' : chosen;
}

function taken(text: string): Refusal {
  return new Refusal('template_name_taken', text);
}
