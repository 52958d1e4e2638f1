// What the service finds and tells, each a code with its English text. A client may tell it in another language from the
// code and the params; the console's Chinese is held to these tables by a test.

/** What a text's `{names}` are filled in with. */
export type Params = Readonly<Record<string, string | number>>;

/** Checks of a channel, each a whole sentence: it stands behind the name of what was looked at. `said` is what the vendor said, in its own words. */
export const checkTexts = {
  senders_added: 'The channel has senders, {count} in all.',
  no_sender: 'Add a sender: events of unknown senders wait unrouted.',
  old_secret_endless: 'The old secret is taken as well, without an end; rotate sets one.',
  old_secret_taken: 'The old secret is taken until {until}.',
  old_secret_over: 'The old secret was taken until {until}.',
  is_set: 'It is set.',
  app_secret_shaped: 'It has the shape of an app secret.',
  app_secret_misshaped: "Meta's app secrets are 32 hex digits; this is none.",
  verify_token_missing: 'There is none. Set one, and give it to Meta with the address.',
  access_token_missing: 'There is none, and without it no media can be fetched.',
  address_public: 'Events are awaited at {publicUrl}.',
  address_private:
    'Events are awaited at {publicUrl}. Vendors post to public https addresses only: set PUBLIC_URL to yours. A simulator takes this one.',
  address_simulated:
    'Events are awaited at {publicUrl}. The vendor is a simulator at {vendorUrl}, which reaches it.',
  callback_inside: 'It points inside a private network and was not tried.',
  callback_unreachable: '{url} cannot be reached from here: {reason}. The vendor will fare no better.',
  callback_answers: 'The callback answers the handshake.',
  callback_takes_events: 'The callback takes events of Viber.',
  callback_takes_none: '{url} answered {status} to an event that was signed as Viber signs.',
  callback_wrong: '{url} answered {status} to the handshake, and not with the challenge.',
  vendor_silent: '{said} Try again later.',
  vendor_said: '{said}',
  delivery_died:
    'The callback at {host} did not take a receipt at {tries} tries (last: {outcome}). It is kept, and can be replayed.',
  token_refused: '{said} Put a new accessToken of a system user who may use the WABA.',
  token_absent:
    'The channel has no accessToken. Put a new accessToken of a system user who may use the WABA.',
  token_invalid:
    'The access token is not valid. Put a new accessToken of a system user who may use the WABA.',
  token_invalid_said:
    'The access token is not valid: {said}. Put a new accessToken of a system user who may use the WABA.',
  token_endless: 'Meta takes the access token; it does not expire.',
  token_until: 'Meta takes the access token until {end}. One of a system user need not expire.',
  token_accepted: 'It is accepted.',
  token_renewed: 'It is accepted. A token of Instagram login lives 60 days and is renewed here in time.',
  token_renewed_once:
    'It is accepted. A token of Instagram login lives 60 days and is renewed here in time. Its end is not known before it is renewed for the first time.',
  token_expired: 'The access token is expired or revoked: make a new one. {said}',
  permissions_there: 'The token has the permissions that are needed.',
  permissions_missing: 'The token lacks {missing}. Make one with {needed}.',
  permission_refused: 'A permission is missing; the token needs {needed}. {said}',
  app_secret_absent: 'The channel has no appSecret, so no webhook can be verified.',
  app_secret_right: "The app secret is that of the token's app.",
  app_secret_wrong: "The app secret is not that of the token's app. Copy it from App settings, Basic.",
  app_secret_refused: "The app secret is not that of the token's app. {said}",
  proof_refused:
    '{said}. Look at appSecret, and set the option appSecretProof where the app wants the proof.',
  waba_refused: '{said} Look at the wabaId of the channel.',
  waba_unsubscribed: 'The app is not subscribed to the WABA, so no event comes. Subscribe the channel.',
  waba_elsewhere: 'The events of the WABA are posted to another address. Subscribe the channel.',
  waba_uncertain: 'The app is subscribed, and its callback cannot be read. Subscribe the channel to be sure.',
  waba_app_elsewhere: 'The app posts its WhatsApp events to another address. Subscribe the channel.',
  waba_subscribed: 'The events of the WABA come here.',
  number_unknown: 'The WABA has no number with the id {routeId}. Look the id up with findSenders.',
  number_other: 'The id {routeId} is that of {number}.',
  number_nameless: 'The id {routeId} is that of another number.',
  number_connected: 'It is connected.',
  number_unwell: 'Meta says of it: {status}. Look at WhatsApp Manager, Phone numbers.',
  app_nowhere: 'The app posts its events nowhere. Enter {url} and the verify token at {place}.',
  app_elsewhere: 'The app posts its events to another address. Enter {url} and the verify token at {place}.',
  app_here: 'The app posts its events here.',
  app_field_missing: 'The app does not have the field messages posted. Tick it at {place}.',
  app_fields_missing:
    'The channel asks for events that the app does not have posted: {fields}. Tick them at {place}.',
  templates_listed:
    'The vendor has {count}: {made} were not here, {changed} stood otherwise. They were taken over.',
  templates_cut:
    'The vendor has {count} that could be read. Its list was left at its bound, or holds what cannot be read: import it, and see what it names.',
  templates_differ:
    'The vendor has {count}. Some say another thing here than there: {names}. Import them to replace what is here, or give these another name.',
  subscribed: 'The channel is subscribed.',
  fields_unsubscribed: 'The channel is not subscribed to {fields}: subscribe it again.',
  bot_accepted: 'Viber accepts it; the bot is called {name}.',
  bot_said: 'Viber says {said} (status {status}).',
  bot_token_refused:
    "Viber says {said} (status {status}). Copy the bot's token anew from its Viber admin page into authToken.",
  bot_refused: "Viber says {said} (status {status}). Look at the bot's state in its Viber admin page.",
  bot_nowhere: "Viber posts this bot's events nowhere. Subscribe the channel.",
  bot_elsewhere: "Viber posts this bot's events to another address ({origin}). Subscribe the channel.",
  bot_events_missing: 'Viber does not post {events}. Subscribe the channel.',
  service_unprotected:
    'Callbacks are not signed and none is believed yet. For Business Messages set pathSecret or allowedAddresses, for a bot authToken.',
  addresses_unread: 'allowedAddresses holds what is neither an address nor a range such as 192.0.2.0/24.',
  service_ready: 'Give Viber {url} for statuses and for user messages.',
} as const;

/** What is looked at by a check, as people call it; the number's own id stands behind `number`, `Previous` behind a setting's name. */
export const checkNames = {
  senders: 'Senders',
  appSecret: 'App secret',
  verifyToken: 'Verify token',
  accessToken: 'Access token',
  authToken: 'Authentication token',
  pathSecret: 'Path secret',
  publicUrl: 'Public address',
  token: 'Token at the vendor',
  permissions: 'Permissions',
  callback: 'Callback',
  app: 'App at Meta',
  webhook: 'Webhook',
  fields: 'Fields',
  numbers: 'Numbers',
  number: 'Number',
  protection: 'Protection of callbacks',
  templates: 'Templates',
  Previous: ', the old one',
} as const;

/** The name of a check as people call it, by the names of a language. */
export function toCheckName(name: string, names: Readonly<Record<string, string>> = checkNames): string {
  if (name.startsWith('number ')) return `${names['number'] ?? ''} ${name.slice('number '.length)}`;
  if (!name.endsWith('Previous')) return names[name] ?? name;
  const setting = name.slice(0, -'Previous'.length);
  return (names[setting] ?? setting) + (names['Previous'] ?? '');
}

/** Tries of a preflight. `said` is the endpoint's answer, or why there was none. */
export const preflightTexts = {
  tls_there: 'The address is https.',
  tls_missing: 'Receipts hold what users write: serve the address over https.',
  receipt_taken: 'A signed test receipt was acknowledged ({said}).',
  receipt_refused:
    "A signed test receipt was not acknowledged: {said}. Answer 200 to what is signed with this destination's secret.",
  latency_good: 'The median answer took {medianMs} ms, the slowest {slowestMs} ms.',
  latency_slow:
    'The median answer took {medianMs} ms, the slowest {slowestMs} ms. Store the receipt, answer, and do the work afterwards.',
  latency_lost: '{lost} of {count} test receipts one after the other were not acknowledged.',
  repeat_taken: 'The same webhook-id was acknowledged a second time.',
  repeat_refused:
    'The same webhook-id a second time was answered {said}. Acknowledge what you have already, or it is sent until its schedule ends.',
  forged_refused: 'A receipt with a wrong signature was refused ({said}).',
  forged_taken:
    'A receipt with a wrong signature was acknowledged: anybody can make up receipts. Verify webhook-signature over the raw body.',
  forged_unanswered: 'A receipt with a wrong signature got no answer: {said}. Answer 401.',
  stale_refused: 'A receipt signed an hour ago was refused ({said}).',
  stale_taken:
    'A receipt signed an hour ago was acknowledged: whoever captured it could play it again. Refuse timestamps more than five minutes away.',
  unknown_taken: 'A receipt of a type that nobody knows yet was acknowledged.',
  unknown_refused:
    'A receipt of an unknown Type was answered {said}. Acknowledge it: refused, it is sent until its schedule ends.',
  burst_taken: '{count} receipts at once were acknowledged.',
  burst_put_off: 'Of {count} receipts at once {putOff} were put off with 429 and Retry-After.',
  burst_unsaid:
    'Of {count} receipts at once {putOff} were answered 429 without Retry-After; say how long to wait.',
  burst_lost:
    "Of {count} receipts at once {lost} were not acknowledged, e.g. {said}. Answer 429 with Retry-After to what is too much, or lower the destination's concurrency.",
  gone_never: 'Nothing was answered 410, which would switch the destination off.',
  gone_answered:
    '{count} answers were 410: to a receipt that switches the destination off. Answer 4xx for what you refuse, 410 only when the address is no more.',
} as const;

/** What a try of a delivery came to, within a sentence. */
const outcomeTexts = {
  accepted: 'acknowledged',
  rejected: 'answered with an error',
  not_acknowledged: 'answered, but the body says no',
  gone: 'the receiver says it is gone for good',
  throttled: 'the receiver asks for a pause',
  timeout: 'no answer in time',
  refused: 'connection refused or cut off',
  unresolved: 'the host name is not found',
  guarded: 'the address points inside a private network',
  tls: 'the certificate is not valid',
  failed: 'failed',
} as const;

/** What a preflight tries, in its order, as people call it. */
export const preflightNames = {
  tls: 'Encryption',
  reachable: 'Reachable',
  latency: 'Time to answer',
  repeat: 'Repeated push',
  signature: 'Signature',
  timestamp: 'Timestamp',
  unknown: 'Unknown types',
  burst: 'Many at once',
  gone: 'Status 410',
} as const;

/** What the grade of a preflight means: nothing to say; warnings; one thing fails; several do; no receipt is taken. */
export const gradeTexts = {
  A: 'The endpoint is ready.',
  B: 'The endpoint works; the warnings tell what to improve.',
  C: 'One thing has to be mended before receipts can be relied on.',
  D: 'Several things have to be mended before receipts can be relied on.',
  F: 'The endpoint takes no receipt.',
} as const;

/** What notices of a callback URL say, and the reason of its state after them. */
const openedText =
  'The callback at {host} failed {failures} times in a row (last: {outcome}). It is tried with one delivery now and then; the others wait and use up no tries.';
const closedText = 'The callback at {host} takes deliveries again.';
const goneText =
  'The callback at {host} answered 410 and has been switched off. Switch it on again when it is back.';

/** Notices; `findings` are those of a channel's checks that it tells of. */
export const noticeTexts = {
  destination_opened: openedText,
  destination_closed: closedText,
  destination_off: goneText,
  callback_unresolved:
    'The callback URL that was set is at {host}, a name that has no address yet. Receipts for it fail, and are tried again, until it has one.',
  delivery_died:
    'The callback at {host} did not take a receipt at {tries} tries (last: {outcome}). It is kept, and can be replayed.',
  token_refused:
    'The channel {channelId} refused its access token: {said} Media cannot be fetched until it is renewed.',
  token_ending: 'The access token of the channel {channelId} ends soon. {findings}',
  channel_unwell: 'The channel {channelId} does not pass its check. {findings}',
  sender_stopped:
    'The channel {channelId} refuses to send ({said}). Messages wait until that is mended or their lifetime ends.',
  fallback_died: 'The SMS gateway did not take a fallback after {tries} tries ({said}).',
  template_waiting:
    'The channel {channelId} does not take the template {name} for its review: {said} It is handed in again every five minutes.',
  template_kept:
    'The channel {channelId} did not delete a template that was deleted here, at {tries} tries: {said}',
  account_rate_reached:
    'Requests of this account were refused: it may make {perSecond} in a second on each node. Raise its limit, or have it ask more slowly.',
  key_rate_reached:
    'Requests of a key were refused: it may make {perSecond} in a second on each node. Raise its limit, or have it ask more slowly.',
  queue_limit_reached:
    'The queues of this account hold {held} messages, and {limit} is the limit of what it, or a key of it, may put in: what it sends itself is refused. Receipts go on being put in. Have messages received and deleted, or raise the limit.',
  storage_limit_reached:
    'The files of this account take {held} bytes, and {limit} is the limit of what it, or a key of it, may upload: uploads are refused. Files of users go on being fetched. Raise the limit, or keep files for a shorter time.',
  disk_share_reached:
    'This account has used up what it may have of the disk space for media: the last quarter is kept for accounts that hold little. Fetching goes on when old files are swept or the budget is raised.',
  disk_budget_reached:
    'The disk space for media is used up. Fetching goes on when older files have gone, or when the budget is raised.',
  event_not_understood:
    "The channel {channelId} told something that may be a user's message and is not understood ({reason}: {detail}). It is kept as the raw event {rawEventId}, and read again by a version that knows it.",
  undelivered_too_old: 'The oldest receipt for this destination has waited for {minutes} minutes.',
  data_exposed:
    'Other users of this machine may look into the data folder (mode {mode}). Give it the mode 700.',
  store_damaged: 'The store was damaged: {what}.',
  store_unavailable: 'The store cannot commit; nothing new is taken in. The log holds the reason.',
  clock_in_doubt:
    "The clock of the node {node} differs from the database's by {seconds} s. It is not ready and takes on no work. Set both by NTP.",
  clock_off: '{what} (node {node})',
  sweep_held:
    'A sweep would take {old} of at least {total} {kind}, much more than has come of age since the last one. It waits, and nothing expires. If the clock is right and it is meant so, let it go by `chasqui clock confirm`.',
  database_clock_set:
    "The database's clock was set by {seconds} s while those of the nodes went on. They go on by their own; a node that starts now would not be ready. Set all by NTP.",
  settings_unheard:
    '{settings}: set, and not heard, for they are read only while the store has no account, and it has another. Take them out; a new key is made by `chasqui keys create`.',
  backup_failed:
    'A backup failed: {reason} It is tried again, and the older ones are kept. Until one succeeds, this is told once a day.',
  backup_overdue:
    'The newest good backup, or the start of the service where there is none, is {hours} hours ago: more than twice the time from one to the next.',
  backup_made: 'Backups are made again; the newest is in {place}.',
  certificate_refused:
    'The certificate of the node {node} was not taken anew; the one that is shown stays until its end. {what}',
  certificate_ending:
    'The certificate that the node {node} shows ends at {end}. Renew its files; they are read again within a minute.',
  recovery_code_used:
    'The user {name} has signed in with a recovery code in the place of the app; {left} are left. If that was not the user, change the password.',
  worker_late:
    'The worker {name} of the node {node} has shown no sign of life for {minutes} minutes. What it does waits; its last error is in the list of workers.',
} as const;

/** Why a callback URL is in the state that it is in. */
export const stateTexts = {
  opened: openedText,
  closed: closedText,
  gone: goneText,
  switched_on: 'Switched on by an operator.',
  switched_off: 'Switched off by an operator.',
  tried_now: 'Tried at once, as an operator asked.',
  other_url: 'Given another URL by an operator.',
  unreadable:
    'Its settings or signing secrets cannot be read. Set a preset, rotate the secret, and switch it on.',
} as const;

/** Why a delivery is not tried now, or not replayed, and what to do. */
export const standstillTexts = {
  delivery_absent: 'There is no such delivery.',
  delivery_over: 'This delivery has ended, so there is nothing to try. Replay it to push it again.',
  delivery_open: 'This delivery has not ended yet and is retried by itself. You can also try it now.',
  delivery_unwanted:
    'The webhook settings no longer want this delivery. It goes on when they do; until then you can give it up.',
  delivery_behind:
    'This delivery waits behind an earlier receipt of the same message or user. Try that one; this one follows it.',
  destination_off:
    'The callback URL is switched off. Switch it on, and everything that waits for it is tried.',
  destination_removed:
    'The callback URL of this delivery was removed. Its receipt can still be read, but is not pushed any more.',
} as const;

export type StateCode = keyof typeof stateTexts;
export type StandstillCode = keyof typeof standstillTexts;
export type CheckCode = keyof typeof checkTexts;
export type PreflightCode = keyof typeof preflightTexts;
export type NoticeCode = keyof typeof noticeTexts;
/** `A`: nothing to say. `B`: warnings. `C`: one thing fails. `D`: several do. `F`: the endpoint takes no receipt at all. */
export type Grade = keyof typeof gradeTexts;
export type PreflightName = keyof typeof preflightNames;
export type CheckName =
  Exclude<keyof typeof checkNames, 'number' | 'Previous'> | `number ${string}` | `${string}Previous`;

/** A code, what it speaks of, and both as an English text. */
export interface Finding<Code extends string> {
  readonly code: Code;
  readonly params: Params;
  readonly text: string;
}

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
/** All that a text names, and more if a reader may want it, e.g. the channel to look at. */
type Values<Text extends string> = Readonly<Record<Names<Text>, string | number>> & Params;

/** Finds something in a check of a channel. */
export function checked<Code extends CheckCode>(
  code: Code,
  params: Values<(typeof checkTexts)[Code]>,
): Finding<CheckCode> {
  return { code, params, text: fill(checkTexts[code], params) };
}

/** Finds something in a preflight. */
export function tried<Code extends PreflightCode>(
  code: Code,
  params: Values<(typeof preflightTexts)[Code]>,
): Finding<PreflightCode> {
  return { code, params, text: fill(preflightTexts[code], params) };
}

/** What a notice says; of one about checks, `findings` is their text and is no param, since the notice holds them. */
export function noticed<Code extends NoticeCode>(
  code: Code,
  params: Values<(typeof noticeTexts)[Code]>,
): Finding<NoticeCode> & { readonly code: Code } {
  const { findings: _findings, ...rest }: Params = params;
  return { code, params: rest, text: fill(noticeTexts[code], params) };
}

/** Says why a callback URL is in its state. */
export function reasoned<Code extends StateCode>(
  code: Code,
  params: Values<(typeof stateTexts)[Code]>,
): Finding<StateCode> {
  return { code, params, text: fill(stateTexts[code], params) };
}

/** Says why a delivery is left as it is. */
export function stoodStill(code: StandstillCode): Finding<StandstillCode> {
  return { code, params: {}, text: standstillTexts[code] };
}

/** The words of a param whose value is a code of its own; any other is its own word. */
export function toParamWord(
  name: string,
  value: string | number,
  outcomes: Readonly<Record<string, string>>,
): string {
  const text = String(value);
  return name === 'outcome' && Object.hasOwn(outcomes, text) ? (outcomes[text] ?? text) : text;
}

/** Puts the values in; the words of somebody else, which may end as a sentence or not, end as one where another follows. */
function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}(\.| (?=[A-Z]))?/g, (whole, name: string, behind = '') => {
    const value = toParamWord(name, params[name] ?? whole, outcomeTexts);
    if (name !== 'said' || behind === '') return `${value}${behind}`;
    return `${value.replace(/\.$/, '')}${/[!?]$/.test(value) ? '' : '.'}${behind === '.' ? '' : behind}`;
  });
}
