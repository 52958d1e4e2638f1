// What the OpenAPI document says of each operation beyond its summary, by method and path: what happens, what to mind, where to read on.

/** A sentence or two for whoever calls it. */
export const descriptions: Readonly<Record<string, string>> = {
  'GET /session':
    'Open to all, and the first thing that a page asks: whether a browser has a session and whose it is, whether the service still waits for its first user, and how people sign in. Without a cookie it tells nothing of any account. `others` are the sessions of other accounts that the browser keeps, begun by `keep` of a sign-in.',
  'POST /session':
    'Takes a name and password, or an access key that stands for a person, and answers with a cookie. Where the user has an authenticator app it takes `code` or `recoveryCode` as well; guessing is slowed down by name and by address.',
  'DELETE /session':
    'Ends the session of the request, and those of other accounts that the browser keeps beside it, and takes its cookies away. With an access key there is no session, and nothing happens.',
  'POST /session/switch':
    'Makes the session of an account of `others` the one in use, and keeps the one that was. Each keeps its own role and its own end. 404 where the browser keeps none of that account that still goes on.',
  'POST /session/setup':
    'Works once, while the account has no user. The access key has to be one of role `full`, such as the one that the first start printed.',
  'POST /session/company':
    'Answers with the address at which the company’s provider asks who it is, and gives the browser a cookie to come back with. `keep` has the session of another account that the browser uses go on beside it, to switch back to. 404 where no provider is set.',
  'GET /session/company/return':
    'Where the provider sends the browser back to; nobody calls it by hand. It always leads on to the console, which tells what went wrong if something did. A session that it began ends after a minute unless `POST /session/company/finish` brings it into use.',
  'POST /session/company/finish':
    'What a page of the console calls when its browser has come back from the provider. Only then does the browser show which session it uses, so that this ends, or is kept where the sign-in was begun with `keep`.',
  'DELETE /session/all':
    'Ends every session of the user, or of the access key that began this one, on all browsers.',
  'POST /session/password':
    'Takes the password as it is now and the new one. All other sessions of the user end; this one goes on.',
  'POST /session/totp':
    'Answers with a secret for an authenticator app. Signing in does not ask for codes until the app has shown one by `POST /session/totp/confirm`.',
  'POST /session/totp/confirm':
    'Takes six digits of the app that was just set up. The ten recovery codes of the answer are shown this once: each signs in once without the app.',
  'POST /session/totp/recovery-codes':
    'Makes ten new recovery codes for who gives the password; those before are then good for nothing.',
  'POST /session/totp/remove': 'Takes the app and the recovery codes away from who gives the password.',
  'GET /users':
    'Everybody who may sign in to this account, in the order of their names, with when each last signed in. Passwords and codes are never told.',
  'POST /users':
    'Makes somebody who signs in with a name and password. Who signs in by the company’s provider is made by signing in, and not here.',
  'GET /users/{userId}':
    'One user with the `ETag` of the version that a change can be bound to by `If-Match`.',
  'PATCH /users/{userId}':
    'Changes what is given and leaves the rest. A new password, or another state, ends the sessions of the user. The last owner who is active cannot be made less.',
  'DELETE /users/{userId}':
    'Ends the sessions of the user as well. Who signs in by the company’s provider would come back by the next sign-in: switch such a user off instead.',
  'GET /keys':
    'Every access key of the account with what it may do, from where, and about when it was last used. Secrets are not told.',
  'POST /keys':
    'All members may be left out: the key may then do everything from everywhere. The secret stands in this answer and nowhere else.',
  'GET /keys/{keyId}': 'One key with the `ETag` that a change can be bound to by `If-Match`.',
  'PATCH /keys/{keyId}':
    'Changes what is given and leaves the rest; it holds within seconds on all nodes. The last key that may do everything keeps that role.',
  'POST /keys/{keyId}/rotate':
    'Makes a key with the same role, addresses and limits. The old one is disabled at once unless `keepOld` asks to leave it until everybody has the new one.',
  'POST /keys/{keyId}/disable':
    'Requests with the key are refused from now on, and sessions that it began end. The last key that may do everything cannot be disabled.',
  'POST /keys/{keyId}/enable': 'The key is taken again, with its secret as it was.',
  'GET /account':
    'Whose the key or session is, with the uid that the queues of the account have in their names.',
  'GET /accounts': 'All accounts of this server, for owners of the account of the first start.',
  'POST /accounts':
    'Makes an account with a sandbox of its own and a key that may do everything. The secret of the key stands in this answer and nowhere else.',
  'GET /limits':
    'What the account may use, what was set for it beyond the default of all accounts, and how much is in use now.',
  'GET /accounts/{accountId}/limits':
    'The same as `GET /limits` of any account, with the `ETag` of what was set, for owners of the account of the first start.',
  'PATCH /accounts/{accountId}/limits':
    'Changes the limits that are given. `null` goes back to the default of all accounts, 0 is any number.',
  'GET /clock':
    'What time the service goes by, what speaks against that time, and what a sweep that waits for somebody’s word would take away.',
  'POST /clock/confirm':
    'For a clock that is right although it seems wrong, as after a long standstill. What waits is taken up, and what is too old by that clock goes.',
  'GET /workers':
    'What the node that answers does by itself: when each worker last ran, how long it took, what went wrong, and whether it is late.',
  'GET /notices':
    'What the service told of itself, newest first; the codes with what to do are in docs/operations.md. `isOver` marks the end of what an earlier notice told of; `standing` asks for what lasts and is not over.',
  'GET /changes':
    'The log of changes: who did what to which thing, by keys, users and the service itself. Secrets and contents of messages do not stand in it. With a filter a page may be short, or empty, and still have a `next`.',
  'GET /channels':
    'Every channel of the account, the sandbox too, with the names of the credentials that it has.',
  'PUT /channels/{channelId}':
    'Makes the channel, or writes over what is there: send `If-None-Match: *` to only make one. Of `credentials` what is given is set, `null` takes one away and what is left out stays; they are never told again.',
  'GET /channels/{channelId}':
    '`hookUrl` of the answer is what the vendor wants as callback URL. The `ETag` binds a change to this version.',
  'DELETE /channels/{channelId}':
    'Takes its senders, their webhook settings and its templates along. What came by it stays until its time is over.',
  'GET /channels/{channelId}/dependents':
    'How much would go with the channel, or with one of its senders when `senderId` is given: for a question before a removal.',
  'POST /channels/{channelId}/check':
    'Looks at the settings here and asks the vendor whether the credentials work and events come. Every line is a finding with a code, its values and a sentence.',
  'GET /channels/{channelId}/available-senders':
    'Asks the vendor, and says of each sender whether it was added here already.',
  'POST /channels/{channelId}/subscribe':
    'Calls the vendor’s API so that its webhooks come to this service. What the vendor refuses is told in its words.',
  'POST /channels/{channelId}/senders/{senderId}/signs':
    'Sends the channel’s sign that a message was read, or that somebody writes. Not every channel has both.',
  'POST /channels/{channelId}/credentials/rotate':
    'Sets new credentials. An app secret or a token that verifies webhooks is taken beside its successor for `overlapSeconds`, so that nothing is refused while the vendor changes over.',
  'GET /channels/{channelId}/senders':
    'The numbers, pages, accounts or services of a channel, each with where it stands at the vendor.',
  'PUT /channels/{channelId}/senders/{senderId}':
    'Adds the sender, or changes what it is called and how the vendor names it. Events that came before it was added become receipts now.',
  'GET /channels/{channelId}/senders/{senderId}':
    'One sender with the `ETag` that a change can be bound to by `If-Match`.',
  'DELETE /channels/{channelId}/senders/{senderId}':
    'Events that come for it from now on are kept as those of a sender that is not registered.',
  'GET /channels/{channelId}/senders/{senderId}/webhook':
    'Which receipts of the sender go to which callback URLs and queues. `destinations` names the ids of the URLs, `queues` the names of the queues.',
  'PUT /channels/{channelId}/senders/{senderId}/webhook':
    'Replaces the settings: what is left out has its default. A callback URL that is new becomes a destination with a signing secret of its own; one whose host has no address yet is taken with a warning.',
  'GET /channels/{channelId}/webhook': 'Where reviews of templates, numbers and accounts of the channel go.',
  'PUT /channels/{channelId}/webhook': 'Replaces the settings: what is left out has its default.',
  'GET /overview':
    'Channels, callback URLs and queues that somebody should look at, worst first, and how much came and went in the last hour and day, to within ten seconds.',
  'GET /first-steps':
    'Told by the state of the account: a channel that is connected, receipts that are turned on, a receiver that took one, and messages of real users. The console leads a first visit by it.',
  'GET /search':
    'Looks by exact key or by its beginning for users, messages, receipts, tasks, templates, channels, queues and callback URLs, and answers the first of each.',
  'GET /counts/messages':
    'How many messages a search finds, counted up to a bound, so that it is quick however many there are.',
  'GET /counts/receipts':
    'How many receipts a filter finds, counted up to a bound, so that it is quick however many there are.',
  'GET /counts/deliveries':
    'How many deliveries a filter finds, counted up to a bound, so that it is quick however many there are.',
  'GET /exports/messages':
    'Streams all that a search finds as CSV or JSON lines. `spreadsheet` puts in front what has spreadsheets read it as UTF-8.',
  'GET /exports/receipts':
    'Streams all that a filter finds as CSV or JSON lines, as `GET /exports/messages` does.',
  'GET /exports/deliveries':
    'Streams all that a filter finds as CSV or JSON lines, as `GET /exports/messages` does.',
  'GET /messages':
    'Messages to users and from them. What no index finds is looked for a bounded number of rows at a time: a page may be short, or empty, and still have a `next` to go on with.',
  'POST /messages':
    'Takes a message to one user and answers with its id at once; what becomes of it comes as receipts. docs/sending.md tells what each channel has a place for.',
  'GET /messages/{messageId}':
    'From the call to the last receipt, with every delivery. `why` and `reasons` say in a code and a sentence what is the matter where it did not arrive.',
  'GET /tail':
    'Server-sent events: `receipt` with a receipt, at most twenty every half second; `skipped` when there were more; `bye` at the end. A reader who does not keep up is dropped.',
  'GET /settings':
    'Of each setting its value on the node that answers, where that comes from, and what it means, for the account of the first start. Of a secret only whether it is set.',
  'POST /settings/{key}':
    'For settings that say `isLive` and that nothing fixes where the service is started. It is read as the settings file is, holds on all nodes within seconds and over restarts, and stands in the log of changes. A shorter retention takes away at the next sweep what is too old by it.',
  'POST /settings/{key}/reset':
    'Undoes `POST /settings/{key}`: the default is in force again, on all nodes. Where nothing was set nothing happens.',
  'GET /templates':
    'The templates of one channel or all, each language by itself, with where its review stands.',
  'POST /channels/{channelId}/templates':
    'Makes a template by the rules of CreateChatappTemplate and hands it to the vendor. Its review comes as an audit receipt.',
  'GET /channels/{channelId}/templates/{code}/{language}':
    'One language of a template with all its components and the reason of a refusal.',
  'PUT /channels/{channelId}/templates/{code}/{language}':
    'Replaces the components and hands the template in again. One that has passed is changed by the rules of its channel.',
  'DELETE /channels/{channelId}/templates/{code}/{language}':
    'Takes it away here and at the vendor, which may happen a moment later.',
  'GET /channels/{channelId}/templates/{code}/{language}/history':
    'Every step of its review and every change, with who made it.',
  'POST /channels/{channelId}/templates/{code}/{language}/review':
    'For channels that review nothing, such as the sandbox: the verdict is told as an audit receipt, as a vendor’s would be.',
  'POST /channels/{channelId}/templates/import':
    'Reads the vendor’s list and takes over what is new or differs. Nothing is changed at the vendor.',
  'POST /channels/{channelId}/templates/import/plan':
    'Reads the vendor’s list and compares. The answer names what would be made or changed, and of each template the fields that differ, up to a bound.',
  'POST /sandbox/{senderId}/inbound':
    'Makes the receipt of a message that a user sends. docs/sandbox.md lists the members of each kind of message.',
  'POST /sandbox/{senderId}/status':
    'Makes the receipt of a status of a message that was sent, such as Delivered, Read or Failed.',
  'GET /receipts':
    'Receipts of all types, or of one type, channel, sender or message. With such a filter a page may be short, or empty, and still have a `next`.',
  'GET /receipts/{receiptId}':
    'The receipt as its consumers see it, the raw event that it was read from, each delivery with all its tries, and its queue message.',
  'GET /receipts/{receiptId}/payload':
    'The body and the headers of the POST to each callback URL, made by the same code that pushes, and the body of its queue message. What signs is left out, and `leftOut` says so.',
  'GET /unrouted':
    'What came for senders that nobody added here. It becomes receipts as soon as its sender is added.',
  'GET /raw-events':
    'The posts of channels as they came, with what was said of each. `remarked` finds those of which something gave no receipt.',
  'GET /raw-events/{rawEventId}':
    'The bytes as a file, exactly as the channel posted them; they may hold what a user wrote.',
  'GET /raw-events/{rawEventId}/remarks':
    'How many receipts a post gave, and which of its parts gave none, with the reason.',
  'POST /raw-events/{rawEventId}/reread':
    'For a post that a newer version understands better. Receipts that were told before are recognised, and not told again.',
  'POST /raw-events/reread':
    'The same for many posts that had remarks. `dryRun` only counts; `next` is given back as `cursor` to go on.',
  'POST /erasures':
    'Takes the content of all messages of one user away, and the files that he sent: that something was told stays, what was said does not. `dryRun` counts first. It cannot be undone.',
  'GET /deliveries':
    'One receipt on its way to one callback URL each. `state` is `waiting`, `blocked` (behind another of its user or message), `unwanted`, `done` or `dead`.',
  'GET /deliveries/{deliveryId}':
    'One delivery with all its tries: when, how long, which status, and the first bytes of the answer.',
  'POST /deliveries/{deliveryId}/replay':
    'Makes one that is done or dead due again. The receiver sees the same `webhook-id`, with the cause `replay`.',
  'POST /deliveries/replay':
    'Replays dead deliveries, or done ones, by ids, callback URL or time, up to `limit` a call; go on with `next` as `cursor`. `dryRun` only counts.',
  'POST /deliveries/give-up':
    'Ends deliveries that nobody wants any more, or with `"state": "open"` all that wait for one callback URL. `dryRun` only counts.',
  'POST /deliveries/{deliveryId}/try-now':
    'Has one that waits tried at once, in the place of its schedule. What may not be tried is refused with the reason.',
  'POST /deliveries/try-now':
    'Has what waits tried at once, by ids or by a filter, a bounded number at a call.',
  'POST /destinations/{destinationId}/try-now':
    'Has all that waits for a callback URL tried at once, as far as its limits go.',
  'GET /destinations/{destinationId}/rates':
    'How its pushes went, by minute: how many, how many were taken, how long they took, and which statuses came.',
  'POST /overview/dismissals':
    'Puts away for a time what needs attention, for everybody of the account, or brings it back.',
  'GET /destinations':
    'Every callback URL that settings name, or named: its state, how it is pushed to, and how much waits for it. All settings that name a URL share it.',
  'GET /destinations/{destinationId}':
    'One callback URL with the `ETag` that a change can be bound to by `If-Match`.',
  'PATCH /destinations/{destinationId}':
    'Changes what is given. Another `url` takes what waits, the secrets and the settings along; 409 `conflict` where there is a destination of that URL already.',
  'POST /destinations/{destinationId}/hand-over':
    'Gives what waits for one callback URL to another one, in steps: go on with `next` as `cursor`. `dryRun` only counts.',
  'DELETE /destinations/{destinationId}':
    'Answers how many deliveries it gave up. 409 `wrong_state` while webhook settings name the URL; `dryRun` only tells what would go.',
  'GET /destinations/{destinationId}/secrets':
    'The secrets that sign posts to this URL, newest first; two while a rotation lasts.',
  'POST /destinations/{destinationId}/secrets/rotate':
    'Makes a new secret. The old one signs along for a day, or for `overlapSeconds`, so that the receiver can change over.',
  'POST /destinations/{destinationId}/test':
    'Posts one test event as a receipt would be, and answers with the request and what came back. Nothing is kept of it.',
  'POST /destinations/{destinationId}/preflight':
    'Posts some thirty events, repeated, late and forged ones among them, and grades what the endpoint made of them, with what to mend.',
  'GET /portal-links':
    'Every link of the account with what it opens, and whether it was revoked; those that ended are forgotten after thirty days.',
  'POST /portal-links':
    'The token is a JWT, signed with a key made from the master key, and good for the portal alone until it ends or is revoked. It stands in this answer and nowhere else; docs/portal.md tells what it opens.',
  'POST /portal-links/{linkId}/revoke': 'Ends it at once on this node, and on all others within seconds.',
  'GET /portal':
    'What the page of the link shows: its name and colour, until when it is good, and the senders that it opens and that are still there.',
  'GET /portal/channels/{channelId}/senders/{senderId}/webhook':
    'As `GET /channels/{channelId}/senders/{senderId}/webhook`, of a sender that the link opens.',
  'POST /portal/channels/{channelId}/senders/{senderId}/webhook':
    'Replaces the settings: what is left out has its default. It takes a link of access `manage`, and stands in the log of changes as made by the link.',
  'GET /portal/channels/{channelId}/senders/{senderId}/deliveries':
    'Receipts without what users wrote and who they are: their type and time, and of each delivery its state, tries and last status.',
  'POST /portal/channels/{channelId}/senders/{senderId}/deliveries/{deliveryId}/replay':
    'Makes one that is done or dead due again, if its receipt is of the sender. It takes a link of access `manage`.',
  'POST /portal/channels/{channelId}/senders/{senderId}/destinations/{destinationId}/test':
    'Posts one test event and answers what came back. It takes a link of access `manage`, and a callback URL that no settings beyond the link name.',
  'GET /portal/channels/{channelId}/senders/{senderId}/destinations/{destinationId}/secrets':
    'The secrets that sign posts to a callback URL, newest first. It takes a link of access `manage`, and a callback URL that no settings beyond the link name.',
  'POST /portal/channels/{channelId}/senders/{senderId}/destinations/{destinationId}/secrets/rotate':
    'Makes a new secret; the old one signs along for a day, or for `overlapSeconds`. It takes a link of access `manage`, and a callback URL that no settings beyond the link name.',
  'GET /queues':
    'Queues with how much waits in each, since when, and how much came and went in the last minutes.',
  'PUT /queues/{name}':
    'Makes the queue with the attributes given and defaults for the rest, or changes the attributes given of one that is there.',
  'GET /queues/{name}':
    'Its attributes and how much is in it: to be received, received and not deleted yet, and delayed.',
  'DELETE /queues/{name}': 'Everything in it is lost. Receipts that should go there make the queue anew.',
  'GET /queues/{name}/rates': 'Sixty minutes, the oldest first.',
  'GET /queues/{name}/messages':
    'Looking takes nothing: whoever receives gets the same messages. `decoded` is the receipt in the body where it is one.',
  'POST /queues/{name}/messages': 'Puts one message in, as an SMQ client would, to see who takes it.',
  'POST /queues/{name}/tokens':
    'A key with a security token for SMQ SDKs, for an hour unless `seconds` says otherwise. It may receive, peek, delete and change visibility in this queue alone.',
  'GET /notice-targets': 'Who is told of the notices of this account, of which kinds, and how telling goes.',
  'GET /notice-targets/operator':
    'The targets that the settings of the service name, which are told of everything; for the account of the first start.',
  'POST /notice-targets':
    'Has somebody told by e-mail, in a chat, by a pager or by a signed webhook; twenty at most. The secret that signs for a webhook is made here and shown this once.',
  'GET /notice-targets/{targetId}':
    'One target with the `ETag` that a change can be bound to. Of an address only the host is told.',
  'PATCH /notice-targets/{targetId}':
    'Changes what is given and leaves the rest. What waits for the target is tried at once; switched off, it is let go.',
  'DELETE /notice-targets/{targetId}': 'Takes the target away, with what waits for it.',
  'POST /notice-targets/{targetId}/test':
    'Sends a message that says it is a test, at once and once, and answers what came of it.',
  'POST /notice-targets/operator/{targetId}/test':
    'The same for a target that is a setting of the service; for the account of the first start.',
};
