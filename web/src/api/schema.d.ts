// Made from /api/v1/openapi.json; `UPDATE_SNAPSHOT=1 npm test` writes it anew.
export interface paths {
  '/api/v1/account': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The account of the caller */
    get: operations['getAccount'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/accounts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the accounts of this server */
    get: operations['getAccounts'];
    put?: never;
    /** Make an account with its first key, whose secret is shown once */
    post: operations['postAccounts'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/accounts/{accountId}/limits': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What an account may use, and how much of it is in use */
    get: operations['getAccountLimits'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Set what an account may use; what is left out stays */
    patch: operations['patchAccountLimits'];
    trace?: never;
  };
  '/api/v1/changes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List who changed what, newest first */
    get: operations['getChanges'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List channels */
    get: operations['getChannels'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a channel */
    get: operations['getChannel'];
    /** Connect a channel, or change how it is connected; never asks the vendor */
    put: operations['putChannel'];
    post?: never;
    /** Disconnect a channel; its receipts stay */
    delete: operations['deleteChannel'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/available-senders': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Ask the vendor which senders the credentials may use */
    get: operations['getChannelAvailableSenders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/check': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Look whether a channel can work, in its settings and at the vendor */
    post: operations['postChannelCheck'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/credentials/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Change credentials; an old secret that verifies webhooks is taken along for a while */
    post: operations['postChannelCredentialsRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/dependents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count what hangs on a channel, or on one of its senders, before it is taken away */
    get: operations['getChannelDependents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/senders': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the senders of a channel */
    get: operations['getChannelSenders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/senders/{senderId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a sender */
    get: operations['getChannelSender'];
    /** Add a sender, or change it; what came for it before is recorded then */
    put: operations['putChannelSender'];
    post?: never;
    /** Take a sender away; its receipts stay */
    delete: operations['deleteChannelSender'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/senders/{senderId}/signs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Show a user that a message has been read, or that somebody is writing */
    post: operations['postChannelSenderSigns'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/senders/{senderId}/webhook': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read where a sender's receipts go */
    get: operations['getChannelSenderWebhook'];
    /** Set where a sender's receipts go */
    put: operations['putChannelSenderWebhook'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/subscribe': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Have the vendor post the events of a channel here */
    post: operations['postChannelSubscribe'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/templates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a template and hand it in for review */
    post: operations['postChannelTemplates'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/templates/{code}/{language}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a template */
    get: operations['getChannelTemplate'];
    /** Replace what a template that has not passed says; it is reviewed again */
    put: operations['putChannelTemplate'];
    post?: never;
    /** Take a language of a template away */
    delete: operations['deleteChannelTemplate'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/templates/{code}/{language}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what became of a template, newest first */
    get: operations['getChannelTemplateHistory'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/templates/{code}/{language}/review': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let a template pass or fail, where no channel reviews it */
    post: operations['postChannelTemplateReview'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/templates/import': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** List the templates that a channel has at its vendor, and take them over; nothing is changed there */
    post: operations['postChannelTemplatesImport'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/templates/import/plan': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Tell, field by field, what an import of the templates at the vendor would change; nothing is changed */
    post: operations['postChannelTemplatesImportPlan'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/channels/{channelId}/webhook': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read where a channel's audit receipts go */
    get: operations['getChannelWebhook'];
    /** Set where a channel's audit receipts go */
    put: operations['putChannelWebhook'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clock': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show the clock and the sweep that waits */
    get: operations['getClock'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clock/confirm': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Say that the clock is right: it is worked by again, and a sweep that waits goes on */
    post: operations['postClockConfirm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/counts/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count deliveries */
    get: operations['getCountsDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/counts/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count the messages of a search */
    get: operations['getCountsMessages'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/counts/receipts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count receipts */
    get: operations['getCountsReceipts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List deliveries, newest first */
    get: operations['getDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/{deliveryId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a delivery with its tries */
    get: operations['getDelivery'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/{deliveryId}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Replay one delivery that is over */
    post: operations['postDeliveryReplay'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/{deliveryId}/try-now': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Try one delivery that waits now */
    post: operations['postDeliveryTryNow'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/give-up': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Give up deliveries that are not over, a batch at a time: those that settings do not want any more, or all of a destination */
    post: operations['postDeliveriesGiveUp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Replay deliveries that are over, a batch at a time */
    post: operations['postDeliveriesReplay'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/try-now': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Try deliveries that wait now, and tell of each that is not why */
    post: operations['postDeliveriesTryNow'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List callback URLs */
    get: operations['getDestinations'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a callback URL */
    get: operations['getDestination'];
    put?: never;
    post?: never;
    /** Remove a callback URL that no settings name, and give up what waits for it */
    delete: operations['deleteDestination'];
    options?: never;
    head?: never;
    /** Change how a callback URL is pushed to, switch it on or off, name it, or give it another address */
    patch: operations['patchDestination'];
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}/hand-over': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Hand what waits for a callback URL over to another one, a batch at a time */
    post: operations['postDestinationHandOver'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}/preflight': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Grade a callback endpoint by some thirty test receipts, a few of them forged on purpose */
    post: operations['postDestinationPreflight'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}/rates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How pushes to a callback URL went in the last hour or day */
    get: operations['getDestinationRates'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}/secrets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show the signing secrets */
    get: operations['getDestinationSecrets'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}/secrets/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a new signing secret; the old one signs along for a while */
    post: operations['postDestinationSecretsRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Post a test event and show the answer */
    post: operations['postDestinationTest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/destinations/{destinationId}/try-now': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Try what waits for a callback URL now, a batch at a time */
    post: operations['postDestinationTryNow'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/erasures': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Erase what a user wrote and was written to; the facts of the receipts stay */
    post: operations['postErasures'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/exports/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Export deliveries */
    get: operations['getExportsDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/exports/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Export the messages of a search, with their whole text */
    get: operations['getExportsMessages'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/exports/receipts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Export receipts */
    get: operations['getExportsReceipts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/first-steps': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tell how far the account has come: connected, receipts on, a receiver verified, live */
    get: operations['getFirstSteps'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List access keys */
    get: operations['getKeys'];
    put?: never;
    /** Make an access key; its secret is shown once */
    post: operations['postKeys'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/keys/{keyId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an access key */
    get: operations['getKey'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Change what a key is called, what it may do, how much, or from where */
    patch: operations['patchKey'];
    trace?: never;
  };
  '/api/v1/keys/{keyId}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Disable an access key */
    post: operations['postKeyDisable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/keys/{keyId}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Enable an access key */
    post: operations['postKeyEnable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/keys/{keyId}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a new key in the place of an old one, which is disabled */
    post: operations['postKeyRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/limits': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What the account of the caller may use, and how much of it is in use */
    get: operations['getLimits'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Search messages, newest first; a page may hold fewer than asked for, and still lead on */
    get: operations['getMessages'];
    put?: never;
    /** Send a message; it goes the way of SendChatappMessage */
    post: operations['postMessages'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/messages/{messageId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the whole way of a message, and why it is not delivered if it is not */
    get: operations['getMessage'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/notice-targets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List who is told of notices */
    get: operations['getNoticeTargets'];
    put?: never;
    /** Have somebody told of notices */
    post: operations['postNoticeTargets'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/notice-targets/{targetId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read who is told of notices */
    get: operations['getNoticeTarget'];
    put?: never;
    post?: never;
    /** Have somebody told of notices no more */
    delete: operations['deleteNoticeTarget'];
    options?: never;
    head?: never;
    /** Change who is told of notices, or switch it on or off; what waits is tried at once */
    patch: operations['patchNoticeTarget'];
    trace?: never;
  };
  '/api/v1/notice-targets/{targetId}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send a test, and tell what came of it */
    post: operations['postNoticeTargetTest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/notice-targets/operator': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List who is told of all notices by settings of the service */
    get: operations['getNoticeTargetsOperator'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/notice-targets/operator/{targetId}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send a test to a target that is a setting of the service, and tell what came of it */
    post: operations['postNoticeTargetsOperatorTest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/notices': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List operator notices, newest first */
    get: operations['getNotices'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/overview': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What needs attention, how pushes went, and the rates of the last hour and day */
    get: operations['getOverview'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/overview/dismissals': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Put away for a time what needs attention, or bring it back */
    post: operations['postOverviewDismissals'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What the portal link opens */
    get: operations['getPortal'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal-links': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List portal links */
    get: operations['getPortalLinks'];
    put?: never;
    /** Make a link by which somebody outside looks after senders */
    post: operations['postPortalLinks'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal-links/{linkId}/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Revoke a portal link */
    post: operations['postPortalLinkRevoke'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/channels/{channelId}/senders/{senderId}/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the receipts of the sender with how far their deliveries are, newest first */
    get: operations['getPortalChannelSenderDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/channels/{channelId}/senders/{senderId}/deliveries/{deliveryId}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Replay a delivery of a receipt of the sender */
    post: operations['postPortalChannelSenderDeliveryReplay'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/channels/{channelId}/senders/{senderId}/destinations/{destinationId}/secrets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show the signing secrets of a callback URL of the sender */
    get: operations['getPortalChannelSenderDestinationSecrets'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/channels/{channelId}/senders/{senderId}/destinations/{destinationId}/secrets/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a new signing secret for a callback URL of the sender */
    post: operations['postPortalChannelSenderDestinationSecretsRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/channels/{channelId}/senders/{senderId}/destinations/{destinationId}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Post a test event to a callback URL of the sender and show the answer */
    post: operations['postPortalChannelSenderDestinationTest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/channels/{channelId}/senders/{senderId}/webhook': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read where the sender's receipts go, as a holder of a portal link */
    get: operations['getPortalChannelSenderWebhook'];
    put?: never;
    /** Set where the sender's receipts go, as a holder of a portal link */
    post: operations['postPortalChannelSenderWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List queues by name */
    get: operations['getQueues'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a queue */
    get: operations['getQueue'];
    /** Make a queue, or change its attributes */
    put: operations['putQueue'];
    post?: never;
    /** Delete a queue with all that is in it */
    delete: operations['deleteQueue'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues/{name}/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Look at what would be received next, without receiving it */
    get: operations['getQueueMessages'];
    put?: never;
    /** Send a message, to try who receives it */
    post: operations['postQueueMessages'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues/{name}/rates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How many messages came into a queue and were deleted, in each minute of the last hour */
    get: operations['getQueueRates'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues/{name}/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a temporary key that may only consume this queue */
    post: operations['postQueueTokens'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/raw-events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what channels posted, newest first; a page may be short, or empty, and still lead on */
    get: operations['getRawEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/raw-events/{rawEventId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the bytes that a channel posted */
    get: operations['getRawEvent'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/raw-events/{rawEventId}/remarks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what is said of a raw event */
    get: operations['getRawEventRemarks'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/raw-events/{rawEventId}/reread': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Read a raw event again: what is understood by now becomes receipts, what was told before is not told again */
    post: operations['postRawEventReread'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/raw-events/reread': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Read raw events again of which something gave no receipt, newest first, up to 100 a call */
    post: operations['postRawEventsReread'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/receipts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List receipts, newest first */
    get: operations['getReceipts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/receipts/{receiptId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a receipt with everything that happened to it */
    get: operations['getReceipt'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/receipts/{receiptId}/payload': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a receipt as its receivers get it, with the headers of the POST */
    get: operations['getReceiptPayload'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sandbox/{senderId}/inbound': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Play a user who sends something to a sender of the sandbox */
    post: operations['postSandboxInbound'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sandbox/{senderId}/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Play the channel that tells what became of a message */
    post: operations['postSandboxStatus'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/search': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Find whatever has this id, number or name, or begins with it */
    get: operations['getSearch'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tell whether one is signed in */
    get: operations['getSession'];
    put?: never;
    /** Sign in, as a user or with an access key */
    post: operations['postSession'];
    /** Sign out */
    delete: operations['deleteSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/all': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Sign out everywhere */
    delete: operations['deleteSessionAll'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/company': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begin to sign in by the company's provider, in a browser */
    post: operations['postSessionCompany'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/company/finish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Sign in as who has just come back, in the place of the session that the browser uses or beside it */
    post: operations['postSessionCompanyFinish'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/company/return': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Come back from the company's provider, and go to the console, which signs in or tells what went wrong */
    get: operations['getSessionCompanyReturn'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Change one’s own password; every other session of the user ends */
    post: operations['postSessionPassword'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/setup': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make the first user of an account, its owner, with an access key; signs in */
    post: operations['postSessionSetup'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/switch': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Go on with the session of another account that this browser keeps */
    post: operations['postSessionSwitch'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/totp': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Set an authenticator app up; it counts once it has shown a code */
    post: operations['postSessionTotp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/totp/confirm': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Show that the app works: from now on signing in takes a code, or one of the recovery codes that are told here */
    post: operations['postSessionTotpConfirm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/totp/recovery-codes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make other recovery codes in the place of those that are left */
    post: operations['postSessionTotpRecoveryCodes'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session/totp/remove': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Take the authenticator app away */
    post: operations['postSessionTotpRemove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the settings in force */
    get: operations['getSettings'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/settings/{key}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Set a setting while the service runs, on all nodes */
    post: operations['postSetting'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/settings/{key}/reset': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let go of what was set while the service ran: the default is in force again */
    post: operations['postSettingReset'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/tail': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Follow receipts as they are recorded */
    get: operations['getTail'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/templates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List templates by name and language */
    get: operations['getTemplates'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/unrouted': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List events of senders that are not registered, oldest first */
    get: operations['getUnrouted'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List users by name */
    get: operations['getUsers'];
    put?: never;
    /** Add a user */
    post: operations['postUsers'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/users/{userId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a user */
    get: operations['getUser'];
    put?: never;
    post?: never;
    /** Take a user away */
    delete: operations['deleteUser'];
    options?: never;
    head?: never;
    /** Change a user’s role, state or password, or take his codes away */
    patch: operations['patchUser'];
    trace?: never;
  };
  '/api/v1/workers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what runs by itself on this node */
    get: operations['getWorkers'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** Account */
    Account: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @description Made at the first start: its owners make the other accounts. */
      first: boolean;
      id: string;
      name: string;
    };
    /** AccountLimits */
    AccountLimits: {
      /** @description Messages in the queues of the account up to which more may be put in. */
      queuedMessages: {
        /** @description What is in force; null for any number. */
        limit: number | null;
        /** @description What was set for this account; null where the default holds, 0 for any number. */
        set: number | null;
        /** @description What it holds, whoever put it there. */
        used: number | null;
      };
      /** @description Requests in a second, on each node. */
      requestsPerSecond: {
        /** @description What is in force; null for any number. */
        limit: number | null;
        /** @description What was set for this account; null where the default holds, 0 for any number. */
        set: number | null;
        /** @description In the last second, on the node that answers; null where they are not counted. */
        used: number | null;
      };
      /** @description Bytes of files of the account up to which more may be uploaded. */
      storedBytes: {
        /** @description What is in force; null for any number. */
        limit: number | null;
        /** @description What was set for this account; null where the default holds, 0 for any number. */
        set: number | null;
        /** @description What it holds, whoever put it there. */
        used: number | null;
      };
    };
    /** Attempt */
    Attempt: {
      /** @description First bytes of the answer, or what went wrong. */
      answer: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      durationMs: number;
      outcome: string;
      status: number | null;
    };
    /** Attention */
    Attention: {
      /** @description The callback URL or channel that it is about; null where it is about neither. */
      about: {
        id: string;
        /** @enum {unknown} */
        kind: 'destination' | 'channel';
        /** @description What people call it, or its URL or id. */
        name: string;
      } | null;
      /**
       * @description What things of one cause share: the code, or that of the notice.
       * @example destination_open
       */
      cause: string;
      /** @enum {unknown} */
      code:
        | 'destination_off'
        | 'destination_open'
        | 'destination_failing'
        | 'oldest_undelivered'
        | 'template_rejected'
        | 'missing_receipts'
        | 'notice'
        | 'no_subscription'
        | 'no_channel';
      findings?: components['schemas']['NoticeFinding'][];
      /** @description What the code speaks of, to tell it in another language than the text. */
      params: {
        [key: string]: string | number;
      };
      /** @enum {unknown} */
      severity: 'error' | 'warning' | 'info';
      since: string | null;
      /** @example destination/12 */
      subject: string;
      text: string;
    };
    /** Change */
    Change: {
      /** @example channel.put */
      action: string;
      /** @example key/LTAI5tExample */
      actor: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      detail: {
        [key: string]: unknown;
      };
      id: string;
      subject: string;
    };
    /** Channel */
    Channel: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @description Names of those that are set. */
      credentials: string[];
      /** @description Where the channel posts its events to. */
      hookUrl: string;
      id: string;
      name: string;
      /** @description Those of them that are no secrets, as they are set: allowedAddresses, serviceId, welcomeText, and until when old secrets are taken. */
      openCredentials: {
        [key: string]: string;
      };
      options: {
        [key: string]: string | boolean;
      };
      /** @enum {unknown} */
      type: 'whatsapp' | 'messenger' | 'instagram' | 'viber' | 'sandbox';
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      updatedAt: string;
      wabaId: string | null;
    };
    /** ChannelCheck */
    ChannelCheck: {
      checks: {
        /**
         * @description What was found, for a client to tell in its own words.
         * @enum {unknown}
         */
        code:
          | 'senders_added'
          | 'no_sender'
          | 'old_secret_endless'
          | 'old_secret_taken'
          | 'old_secret_over'
          | 'is_set'
          | 'app_secret_shaped'
          | 'app_secret_misshaped'
          | 'verify_token_missing'
          | 'access_token_missing'
          | 'address_public'
          | 'address_private'
          | 'address_simulated'
          | 'callback_inside'
          | 'callback_unreachable'
          | 'callback_answers'
          | 'callback_takes_events'
          | 'callback_takes_none'
          | 'callback_wrong'
          | 'vendor_silent'
          | 'vendor_said'
          | 'delivery_died'
          | 'token_refused'
          | 'token_absent'
          | 'token_invalid'
          | 'token_invalid_said'
          | 'token_endless'
          | 'token_until'
          | 'token_accepted'
          | 'token_renewed'
          | 'token_renewed_once'
          | 'token_expired'
          | 'permissions_there'
          | 'permissions_missing'
          | 'permission_refused'
          | 'app_secret_absent'
          | 'app_secret_right'
          | 'app_secret_wrong'
          | 'app_secret_refused'
          | 'proof_refused'
          | 'waba_refused'
          | 'waba_unsubscribed'
          | 'waba_elsewhere'
          | 'waba_uncertain'
          | 'waba_app_elsewhere'
          | 'waba_subscribed'
          | 'number_unknown'
          | 'number_other'
          | 'number_nameless'
          | 'number_connected'
          | 'number_unwell'
          | 'app_nowhere'
          | 'app_elsewhere'
          | 'app_here'
          | 'app_field_missing'
          | 'app_fields_missing'
          | 'templates_listed'
          | 'templates_cut'
          | 'templates_differ'
          | 'subscribed'
          | 'fields_unsubscribed'
          | 'bot_accepted'
          | 'bot_said'
          | 'bot_token_refused'
          | 'bot_refused'
          | 'bot_nowhere'
          | 'bot_elsewhere'
          | 'bot_events_missing'
          | 'service_unprotected'
          | 'addresses_unread'
          | 'service_ready';
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        endsAt?: string;
        name: string;
        ok: boolean;
        /** @description What the code speaks of, to tell it in another language than the text. */
        params: {
          [key: string]: string | number;
        };
        /** @description The sender that it is about; the text has it in front. */
        senderId?: string;
        /** @description What is so, or what is wrong and what to do. */
        text: string;
      }[];
      ok: boolean;
    };
    /** ChannelFigures */
    ChannelFigures: {
      /** @description Those of them that were taken. */
      accepted: number;
      /** @description Null for POSTs that held receipts of several. */
      channelId: string | null;
      /** @description How long the middle one of a hundred took, as closely as is kept; null of none that was answered or timed out. */
      p50Ms: number | null;
      /** @description How long 95 of a hundred took at most, as closely as is kept. */
      p95Ms: number | null;
      /** @description POSTs. */
      tries: number;
    };
    /** ChannelWebhook */
    ChannelWebhook: {
      auditUrl: string | null;
      /** @enum {unknown} */
      auditVersion: 'V1' | 'V2';
      /** @description Destination id by URL. */
      destinations: {
        [key: string]: number;
      };
      /** @description Push to the callback URLs. */
      http: boolean;
      /** @description Put into the account's queue of each type. */
      queue: boolean;
      /** @description Queue name by receipt type. */
      queues: {
        [key: string]: string;
      };
      /** @description Of a change alone: what keeps receipts from being taken there for now. */
      warnings?: {
        /**
         * @description `unresolved`: the host has no address yet.
         * @enum {unknown}
         */
        code: 'unresolved';
        field: string;
        params: {
          host: string;
        };
        text: string;
      }[];
    };
    /** Clock */
    Clock: {
      /** @description Why nothing is taken on by that time; null while it is sound. */
      doubt: string | null;
      /** @description What a sweep that waits would take; empty when none waits. */
      held: {
        /** @description Rows that would stay, counted up to a bound. */
        kept: number;
        kind: 'raw_events' | 'receipts' | 'messages' | 'queue_messages' | 'media' | 'uploads';
        /** @description Rows that would go, counted up to a bound. */
        old: number;
      }[];
      /**
       * Format: date-time
       * @description What is kept is dated by this.
       */
      now: string;
    };
    /** CodeSecret */
    CodeSecret: {
      /** @description In Base32; shown this once. */
      secret: string;
      /** @description For a QR code. */
      uri: string;
    };
    /** CompanySignIn */
    CompanySignIn: {
      /** @description Where the browser has to go. */
      url: string;
    };
    /** Count */
    Count: {
      /** @description 10000 at most. */
      count: number;
      /** @description Whether there may be more: more than 10000 match, or what no index finds was looked for among the newest 10000 alone. */
      isMore: boolean;
    };
    /** Delivery */
    Delivery: {
      attempts: number;
      channelId: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      destinationId: number;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      dueAt: string;
      id: string;
      /** @description How its last try ended; null where none is recorded. */
      lastTry: {
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        at: string;
        durationMs: number;
        /** @enum {unknown} */
        outcome:
          | 'accepted'
          | 'rejected'
          | 'not_acknowledged'
          | 'gone'
          | 'throttled'
          | 'timeout'
          | 'refused'
          | 'unresolved'
          | 'guarded'
          | 'tls'
          | 'failed';
        status: number | null;
      } | null;
      receiptId: string;
      senderId: string | null;
      /** @enum {unknown} */
      state: 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';
      /** @description Of its receipt; null where that cannot be read. */
      type: ('ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit') | null;
      /** @description Since when settings do not want it pushed; null unless its state is `unwanted`. */
      unwantedSince: string | null;
      /** @description The user that it is of, as the channel writes it; null where there is none. */
      user: string | null;
      /**
       * @description Which status, kind of message or event it is; empty where the receipt cannot be read.
       * @example delivered
       */
      what: string;
    };
    /** DeliveryDetail */
    DeliveryDetail: {
      attempts: number;
      channelId: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      destinationId: number;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      dueAt: string;
      id: string;
      /** @description How its last try ended; null where none is recorded. */
      lastTry: {
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        at: string;
        durationMs: number;
        /** @enum {unknown} */
        outcome:
          | 'accepted'
          | 'rejected'
          | 'not_acknowledged'
          | 'gone'
          | 'throttled'
          | 'timeout'
          | 'refused'
          | 'unresolved'
          | 'guarded'
          | 'tls'
          | 'failed';
        status: number | null;
      } | null;
      receiptId: string;
      senderId: string | null;
      /** @enum {unknown} */
      state: 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';
      tries: components['schemas']['Attempt'][];
      /** @description Of its receipt; null where that cannot be read. */
      type: ('ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit') | null;
      /** @description Since when settings do not want it pushed; null unless its state is `unwanted`. */
      unwantedSince: string | null;
      url: string;
      /** @description The user that it is of, as the channel writes it; null where there is none. */
      user: string | null;
      /**
       * @description Which status, kind of message or event it is; empty where the receipt cannot be read.
       * @example delivered
       */
      what: string;
    };
    /** Dependents */
    Dependents: {
      /** @description Messages that wait to be sent, counted up to 1000. */
      messagesWaiting: number;
      senders: number;
      templates: number;
    };
    /** Destination */
    Destination: {
      batchSize: number;
      /** @description Those of them that wait for their turn, behind another of the same message or user; counted among 1000. */
      blocked: number;
      concurrency: number;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @description Deliveries that were given up, counted up to 1000. */
      dead: number;
      id: number;
      /** @description What people call it; empty when it has no name. */
      name: string;
      /** @description Until when nothing is pushed because the receiver said that it is too much, and why; null when nothing is. Setting `state` to `active` ends it. */
      pause: {
        /** @description The wait that its `Retry-After` named; null when it named none. */
        askedSeconds: number | null;
        reason: string;
        /** @description What the receiver answered: 429, or 503 with `Retry-After`. */
        status: number;
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        until: string;
      } | null;
      /** @enum {unknown} */
      preset: 'standard' | 'cams';
      /** @description The wait before each try. */
      scheduleMs: number[];
      /** @description Signing secrets that are valid now. */
      secrets: number;
      /** @enum {unknown} */
      state: 'active' | 'opened' | 'off';
      /** @description Why it is in its state, in words. */
      stateReason: string;
      /** @description The same for a client to tell in its own words; null where an older version said so. */
      stateReasonCode:
        | (
            | 'opened'
            | 'closed'
            | 'gone'
            | 'switched_on'
            | 'switched_off'
            | 'tried_now'
            | 'other_url'
            | 'unreadable'
          )
        | null;
      /** @description What the code speaks of, to tell it in another language than the text. */
      stateReasonParams: {
        [key: string]: string | number;
      };
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      stateSince: string;
      timeoutMs: number;
      /** @description Deliveries that settings do not want any more, counted among the oldest 1000 of the account. */
      unwanted: number;
      url: string;
      /** @description Deliveries that wait, for their time or their turn, counted up to 1000. */
      waiting: number;
      /** @description Of a change alone: what keeps receipts from being taken there for now. */
      warnings?: {
        /**
         * @description `unresolved`: the host has no address yet.
         * @enum {unknown}
         */
        code: 'unresolved';
        field: string;
        params: {
          host: string;
        };
        text: string;
      }[];
    };
    /** DestinationFigures */
    DestinationFigures: {
      /** @description Those of them that were taken. */
      accepted: number;
      /** @description The busiest first. */
      channels: components['schemas']['ChannelFigures'][];
      destinationId: number;
      name: string;
      /** @description How long the middle one of a hundred took, as closely as is kept; null of none that was answered or timed out. */
      p50Ms: number | null;
      /** @description How long 95 of a hundred took at most, as closely as is kept. */
      p95Ms: number | null;
      /** @enum {unknown} */
      state: 'active' | 'opened' | 'off';
      /** @description POSTs. */
      tries: number;
      url: string;
    };
    /** DestinationRates */
    DestinationRates: {
      /** @description Those of them that were taken. */
      accepted: number;
      /** @description The busiest first. */
      channels: components['schemas']['ChannelFigures'][];
      /** @description How long the middle one of a hundred took, as closely as is kept; null of none that was answered or timed out. */
      p50Ms: number | null;
      /** @description How long 95 of a hundred took at most, as closely as is kept. */
      p95Ms: number | null;
      /** @description One for each five minutes of the last hour, or half hour of the last day. */
      points: {
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        at: string;
        /**
         * @description How often each came back: the status, or why there was none.
         * @example {
         *       "200": 12,
         *       "timeout": 1
         *     }
         */
        codes: {
          [key: string]: number;
        };
      }[];
      /** @enum {unknown} */
      span: 'hour' | 'day';
      /** @description POSTs. */
      tries: number;
    };
    /** DestinationTriedNow */
    DestinationTriedNow: {
      /** @description More waits: call it again. */
      more: boolean;
      /** @description Deliveries that are due now. */
      tried: number;
    };
    /** DismissedAttention */
    DismissedAttention: {
      /** @description The callback URL or channel that it is about; null where it is about neither. */
      about: {
        id: string;
        /** @enum {unknown} */
        kind: 'destination' | 'channel';
        /** @description What people call it, or its URL or id. */
        name: string;
      } | null;
      /**
       * @description What things of one cause share: the code, or that of the notice.
       * @example destination_open
       */
      cause: string;
      /** @enum {unknown} */
      code:
        | 'destination_off'
        | 'destination_open'
        | 'destination_failing'
        | 'oldest_undelivered'
        | 'template_rejected'
        | 'missing_receipts'
        | 'notice'
        | 'no_subscription'
        | 'no_channel';
      findings?: components['schemas']['NoticeFinding'][];
      /** @description What the code speaks of, to tell it in another language than the text. */
      params: {
        [key: string]: string | number;
      };
      /** @enum {unknown} */
      severity: 'error' | 'warning' | 'info';
      since: string | null;
      /** @example destination/12 */
      subject: string;
      text: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      until: string;
    };
    /** Erasure */
    Erasure: {
      /** @description Rows that damage had made unreadable and that were kept apart, which named the user and went. */
      apart: number;
      /** @description Damaged files in the data folder, which hold what was in them. Nothing was erased in them: take them away. */
      keptFiles: string[];
      /** @description Files that went. */
      media: number;
      /** @description Messages to the user whose content went. */
      messages: number;
      /** @description Receipts whose content went. */
      receipts: number;
      /** @description Rows that cannot be read and do not tell whose they are. They may hold something of the user, were not erased, and go when their time is over. */
      unreadable: number;
    };
    /** FirstSteps */
    FirstSteps: {
      /** @description A channel beside the sandbox has a sender. */
      connect: boolean;
      /** @description A callback URL to try a test event at; null while there is none. */
      destinationId: number | null;
      /** @description Something has come over a channel beside the sandbox. */
      live: boolean;
      /** @description Receipts of some sender go somewhere. */
      receipts: boolean;
      /** @description Whose receipts to turn on next, or where none of a connected channel is left, whose are on; null while there is no sender. */
      sender: {
        channelId: string;
        id: string;
      } | null;
      /** @description A callback URL has acknowledged a receipt of late, or a queue of receipts was emptied. */
      verify: boolean;
    };
    /** FoundSender */
    FoundSender: {
      /** @description Whether it is a sender of the channel already. */
      added: boolean;
      id: string;
      name: string;
      phoneNumberId?: string;
      /** @enum {unknown} */
      type: 'whatsapp' | 'messenger' | 'instagram' | 'viber';
      /**
       * @description Whether Meta has the number as verified; `unknown` until it was asked by a check.
       * @enum {unknown}
       */
      verification?: 'unknown' | 'verified' | 'pending' | 'failed';
    };
    /** GivenUp */
    GivenUp: {
      /** @description Given up; with dryRun, those that would be. */
      givenUp: number;
      /** @description Give it as `cursor` to go on; null when there are no more. */
      next: string | null;
    };
    /** HandedOver */
    HandedOver: {
      /** @description Handed over; with dryRun, those that would be. */
      handedOver: number;
      /** @description Give it as `cursor` to go on; null when there are no more. */
      next: string | null;
    };
    /** Key */
    Key: {
      /**
       * @description Addresses and CIDR ranges that it may be used from; empty for any.
       * @example [
       *       "192.0.2.0/24"
       *     ]
       */
      addresses: string[];
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      id: string;
      /** @description What may be done with it, within its account's limits. */
      limits: {
        /** @description Messages in the queues of the account up to which more may be put in; 0 is any number, null none of its own. */
        queuedMessages: number | null;
        /** @description Requests in a second, on each node; 0 is any number, null none of its own. */
        requestsPerSecond: number | null;
        /** @description Bytes of files of the account up to which more may be uploaded; 0 is any number, null none of its own. */
        storedBytes: number | null;
      };
      name: string;
      /**
       * @description `full`: everything. `send`: send messages. `receive`: take receipts and queue messages. `read`: look, but at no secret.
       * @enum {unknown}
       */
      role: 'full' | 'send' | 'receive' | 'read';
      /** @enum {unknown} */
      state: 'active' | 'disabled';
      /** @description To about a minute; null when it never was. */
      usedAt: string | null;
    };
    /**
     * Lookup
     * @description Up to 5 of each kind.
     */
    Lookup: {
      channels: {
        id: string;
        name: string;
      }[];
      destinations: {
        id: number;
        name: string;
        url: string;
      }[];
      /** @description To or from the user, of the task, or with the id; newest first. */
      messages: components['schemas']['Message'][];
      queues: {
        name: string;
      }[];
      receipts: {
        receiptId: string;
        recordedAt: string;
        /** @enum {unknown} */
        type: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
      }[];
      senders: {
        channelId: string;
        id: string;
        name: string;
      }[];
      templates: {
        channelId: string;
        code: string;
        language: string;
        name: string;
      }[];
    };
    /** MadeNoticeTarget */
    MadeNoticeTarget: {
      /** @description The kinds that are told; empty: all. An end is told with its kind. */
      codes: (
        | 'destination_opened'
        | 'destination_closed'
        | 'destination_off'
        | 'callback_unresolved'
        | 'delivery_died'
        | 'token_refused'
        | 'token_ending'
        | 'channel_unwell'
        | 'sender_stopped'
        | 'fallback_died'
        | 'template_waiting'
        | 'template_kept'
        | 'account_rate_reached'
        | 'key_rate_reached'
        | 'queue_limit_reached'
        | 'storage_limit_reached'
        | 'disk_share_reached'
        | 'disk_budget_reached'
        | 'event_not_understood'
        | 'undelivered_too_old'
        | 'data_exposed'
        | 'store_damaged'
        | 'store_unavailable'
        | 'clock_in_doubt'
        | 'clock_off'
        | 'sweep_held'
        | 'database_clock_set'
        | 'settings_unheard'
        | 'backup_failed'
        | 'backup_overdue'
        | 'backup_made'
        | 'certificate_refused'
        | 'certificate_ending'
        | 'recovery_code_used'
        | 'worker_late'
      )[];
      createdAt: string | null;
      failingSince: string | null;
      /** @description Messages that were never taken. */
      givenUp: number;
      hasSecret: boolean;
      id: string;
      /** @enum {unknown} */
      kind: 'email' | 'slack' | 'dingtalk' | 'teams' | 'pagerduty' | 'webhook';
      /** @enum {unknown} */
      language: 'en' | 'zh';
      /** @description Why the last try failed; empty when it did not. */
      lastError: string;
      name: string;
      /** @description The secret that was made; told this once. */
      secret?: string;
      /**
       * @description The least that is told.
       * @enum {unknown}
       */
      severity: 'info' | 'warning' | 'error' | 'critical';
      /** @enum {unknown} */
      state: 'active' | 'off';
      /** @description Addresses of e-mail, or the host of a URL, whose rest may be a secret. */
      to: string[];
      toldAt: string | null;
      /** @description Notices that wait to be told. */
      waiting: number;
    };
    /** Message */
    Message: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      channelId: string;
      channelMessageId: string | null;
      /** @enum {unknown} */
      channelType: 'whatsapp' | 'messenger' | 'instagram' | 'viber' | 'sandbox';
      /** @enum {unknown} */
      direction: 'mt' | 'mo';
      groupId: string | null;
      language: string | null;
      messageId: string;
      /** @description The user, as this message names it: one user may be named by several numbers and ids. */
      number: string;
      receiptId: string | null;
      senderId: string | null;
      /** @enum {unknown} */
      state: 'queued' | 'accepted' | 'failed' | 'unknown' | 'received';
      status: ('sent' | 'delivered' | 'read' | 'failed' | 'deleted' | 'subscribe' | 'unsubscribe') | null;
      taskId: string | null;
      templateCode: string | null;
      templateName: string | null;
      /** @description The first 200 characters of its text, if it has any. */
      text: string;
      /**
       * @example text
       * @example template
       * @example image
       */
      type: string;
    };
    /** MessageStory */
    MessageStory: {
      /** @description What was sent, in the words of its channel or template. */
      content: unknown;
      /** @description Oldest first, in the same order for everyone. */
      events: {
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        at: string;
        /** @enum {unknown} */
        kind:
          | 'accepted'
          | 'send_tried'
          | 'channel_accepted'
          | 'inbound'
          | 'status'
          | 'fallback_tried'
          | 'fallback_taken'
          | 'fallback_dead'
          | 'queued'
          | 'push_tried'
          | 'delivered'
          | 'delivery_dead'
          | 'dequeued'
          | 'queue_deleted'
          | 'queue_expired';
        ref: {
          [key: string]: string | number | null;
        };
      }[];
      expiresAt: string | null;
      message: components['schemas']['Message'] | null;
      /** @description All that is the matter, worst first. */
      reasons: components['schemas']['Why'][];
      receipts: components['schemas']['Timeline'][];
      why: components['schemas']['Why'];
    };
    /** NewAccount */
    NewAccount: {
      account: components['schemas']['Account'];
      key: components['schemas']['NewKey'];
    };
    /** NewKey */
    NewKey: {
      /**
       * @description Addresses and CIDR ranges that it may be used from; empty for any.
       * @example [
       *       "192.0.2.0/24"
       *     ]
       */
      addresses: string[];
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      id: string;
      /** @description What may be done with it, within its account's limits. */
      limits: {
        /** @description Messages in the queues of the account up to which more may be put in; 0 is any number, null none of its own. */
        queuedMessages: number | null;
        /** @description Requests in a second, on each node; 0 is any number, null none of its own. */
        requestsPerSecond: number | null;
        /** @description Bytes of files of the account up to which more may be uploaded; 0 is any number, null none of its own. */
        storedBytes: number | null;
      };
      name: string;
      /**
       * @description `full`: everything. `send`: send messages. `receive`: take receipts and queue messages. `read`: look, but at no secret.
       * @enum {unknown}
       */
      role: 'full' | 'send' | 'receive' | 'read';
      /** @description Shown this once. */
      secret: string;
      /** @enum {unknown} */
      state: 'active' | 'disabled';
      /** @description To about a minute; null when it never was. */
      usedAt: string | null;
    };
    /** NewMessage */
    NewMessage: {
      messageId: string;
    };
    /** NewNoticeTarget */
    NewNoticeTarget: {
      /** @description Of e-mail. */
      addresses?: string[];
      /** @description The kinds that are told; empty: all. An end is told with its kind. */
      codes?: (
        | 'destination_opened'
        | 'destination_closed'
        | 'destination_off'
        | 'callback_unresolved'
        | 'delivery_died'
        | 'token_refused'
        | 'token_ending'
        | 'channel_unwell'
        | 'sender_stopped'
        | 'fallback_died'
        | 'template_waiting'
        | 'template_kept'
        | 'account_rate_reached'
        | 'key_rate_reached'
        | 'queue_limit_reached'
        | 'storage_limit_reached'
        | 'disk_share_reached'
        | 'disk_budget_reached'
        | 'event_not_understood'
        | 'undelivered_too_old'
        | 'data_exposed'
        | 'store_damaged'
        | 'store_unavailable'
        | 'clock_in_doubt'
        | 'clock_off'
        | 'sweep_held'
        | 'database_clock_set'
        | 'settings_unheard'
        | 'backup_failed'
        | 'backup_overdue'
        | 'backup_made'
        | 'certificate_refused'
        | 'certificate_ending'
        | 'recovery_code_used'
        | 'worker_late'
      )[];
      /** @enum {unknown} */
      kind: 'email' | 'slack' | 'dingtalk' | 'teams' | 'pagerduty' | 'webhook';
      /** @enum {unknown} */
      language?: 'en' | 'zh';
      /** @example On call */
      name: string;
      /** @description DingTalk's signing secret, PagerDuty's routing key, or the secret that signs a `webhook`, which is made where it is left out. */
      secret?: string;
      /**
       * @description The least that is told.
       * @enum {unknown}
       */
      severity?: 'info' | 'warning' | 'error' | 'critical';
      /** @enum {unknown} */
      state?: 'active' | 'off';
      /** @description Of a webhook. PagerDuty has one for all, but for accounts elsewhere, as in Europe. */
      url?: string;
    };
    /** NewPortalLink */
    NewPortalLink: {
      /**
       * @description `read`: look. `manage`: set where receipts go, try, replay, see and change signing secrets.
       * @enum {unknown}
       */
      access: 'read' | 'manage';
      colour: string | null;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @example user/ana */
      createdBy: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      expiresAt: string;
      id: string;
      name: string;
      revokedAt: string | null;
      /** @description Null: all of the account, also those that it gets later. */
      senders:
        | {
            channelId: string;
            senderId: string;
          }[]
        | null;
      /** @description Opens what the link opens; told this once. */
      token: string;
      /** @description The page, with the token behind `#`, where no server and no log sees it. */
      url: string;
      /** @description About when a call last came with it, to ten seconds or so; null when none did. */
      usedAt: string | null;
    };
    /** Notice */
    Notice: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      /** @enum {unknown} */
      code:
        | 'destination_opened'
        | 'destination_closed'
        | 'destination_off'
        | 'callback_unresolved'
        | 'delivery_died'
        | 'token_refused'
        | 'token_ending'
        | 'channel_unwell'
        | 'sender_stopped'
        | 'fallback_died'
        | 'template_waiting'
        | 'template_kept'
        | 'account_rate_reached'
        | 'key_rate_reached'
        | 'queue_limit_reached'
        | 'storage_limit_reached'
        | 'disk_share_reached'
        | 'disk_budget_reached'
        | 'event_not_understood'
        | 'undelivered_too_old'
        | 'data_exposed'
        | 'store_damaged'
        | 'store_unavailable'
        | 'clock_in_doubt'
        | 'clock_off'
        | 'sweep_held'
        | 'database_clock_set'
        | 'settings_unheard'
        | 'backup_failed'
        | 'backup_overdue'
        | 'backup_made'
        | 'certificate_refused'
        | 'certificate_ending'
        | 'recovery_code_used'
        | 'worker_late';
      findings: components['schemas']['NoticeFinding'][];
      id: string;
      /** @description Whether it tells that what an earlier one of the same code and subject told of is over. */
      isOver: boolean;
      /** @description What the code speaks of, to tell it in another language than the text. */
      params: {
        [key: string]: string | number;
      };
      /**
       * @description Whether it is about this account, or about the service as a whole.
       * @enum {unknown}
       */
      scope: 'account' | 'service';
      /** @enum {unknown} */
      severity: 'info' | 'warning' | 'error' | 'critical';
      /** @description With `standing`: when it was told first since it last was over. Else null. */
      since: string | null;
      subject: string;
      text: string;
    };
    /**
     * NoticeFinding
     * @description What a check of a channel found, in the notice's text.
     */
    NoticeFinding: {
      /**
       * @description What was found, for a client to tell in its own words.
       * @enum {unknown}
       */
      code:
        | 'senders_added'
        | 'no_sender'
        | 'old_secret_endless'
        | 'old_secret_taken'
        | 'old_secret_over'
        | 'is_set'
        | 'app_secret_shaped'
        | 'app_secret_misshaped'
        | 'verify_token_missing'
        | 'access_token_missing'
        | 'address_public'
        | 'address_private'
        | 'address_simulated'
        | 'callback_inside'
        | 'callback_unreachable'
        | 'callback_answers'
        | 'callback_takes_events'
        | 'callback_takes_none'
        | 'callback_wrong'
        | 'vendor_silent'
        | 'vendor_said'
        | 'delivery_died'
        | 'token_refused'
        | 'token_absent'
        | 'token_invalid'
        | 'token_invalid_said'
        | 'token_endless'
        | 'token_until'
        | 'token_accepted'
        | 'token_renewed'
        | 'token_renewed_once'
        | 'token_expired'
        | 'permissions_there'
        | 'permissions_missing'
        | 'permission_refused'
        | 'app_secret_absent'
        | 'app_secret_right'
        | 'app_secret_wrong'
        | 'app_secret_refused'
        | 'proof_refused'
        | 'waba_refused'
        | 'waba_unsubscribed'
        | 'waba_elsewhere'
        | 'waba_uncertain'
        | 'waba_app_elsewhere'
        | 'waba_subscribed'
        | 'number_unknown'
        | 'number_other'
        | 'number_nameless'
        | 'number_connected'
        | 'number_unwell'
        | 'app_nowhere'
        | 'app_elsewhere'
        | 'app_here'
        | 'app_field_missing'
        | 'app_fields_missing'
        | 'templates_listed'
        | 'templates_cut'
        | 'templates_differ'
        | 'subscribed'
        | 'fields_unsubscribed'
        | 'bot_accepted'
        | 'bot_said'
        | 'bot_token_refused'
        | 'bot_refused'
        | 'bot_nowhere'
        | 'bot_elsewhere'
        | 'bot_events_missing'
        | 'service_unprotected'
        | 'addresses_unread'
        | 'service_ready';
      /** @example token */
      name: string;
      /** @description What the code speaks of, to tell it in another language than the text. */
      params: {
        [key: string]: string | number;
      };
      /** @description The sender that it is about. */
      senderId?: string;
    };
    /** NoticeTarget */
    NoticeTarget: {
      /** @description The kinds that are told; empty: all. An end is told with its kind. */
      codes: (
        | 'destination_opened'
        | 'destination_closed'
        | 'destination_off'
        | 'callback_unresolved'
        | 'delivery_died'
        | 'token_refused'
        | 'token_ending'
        | 'channel_unwell'
        | 'sender_stopped'
        | 'fallback_died'
        | 'template_waiting'
        | 'template_kept'
        | 'account_rate_reached'
        | 'key_rate_reached'
        | 'queue_limit_reached'
        | 'storage_limit_reached'
        | 'disk_share_reached'
        | 'disk_budget_reached'
        | 'event_not_understood'
        | 'undelivered_too_old'
        | 'data_exposed'
        | 'store_damaged'
        | 'store_unavailable'
        | 'clock_in_doubt'
        | 'clock_off'
        | 'sweep_held'
        | 'database_clock_set'
        | 'settings_unheard'
        | 'backup_failed'
        | 'backup_overdue'
        | 'backup_made'
        | 'certificate_refused'
        | 'certificate_ending'
        | 'recovery_code_used'
        | 'worker_late'
      )[];
      createdAt: string | null;
      failingSince: string | null;
      /** @description Messages that were never taken. */
      givenUp: number;
      hasSecret: boolean;
      id: string;
      /** @enum {unknown} */
      kind: 'email' | 'slack' | 'dingtalk' | 'teams' | 'pagerduty' | 'webhook';
      /** @enum {unknown} */
      language: 'en' | 'zh';
      /** @description Why the last try failed; empty when it did not. */
      lastError: string;
      name: string;
      /**
       * @description The least that is told.
       * @enum {unknown}
       */
      severity: 'info' | 'warning' | 'error' | 'critical';
      /** @enum {unknown} */
      state: 'active' | 'off';
      /** @description Addresses of e-mail, or the host of a URL, whose rest may be a secret. */
      to: string[];
      toldAt: string | null;
      /** @description Notices that wait to be told. */
      waiting: number;
    };
    /** NoticeTargetChange */
    NoticeTargetChange: {
      /** @description Of e-mail. */
      addresses?: string[];
      /** @description The kinds that are told; empty: all. An end is told with its kind. */
      codes?: (
        | 'destination_opened'
        | 'destination_closed'
        | 'destination_off'
        | 'callback_unresolved'
        | 'delivery_died'
        | 'token_refused'
        | 'token_ending'
        | 'channel_unwell'
        | 'sender_stopped'
        | 'fallback_died'
        | 'template_waiting'
        | 'template_kept'
        | 'account_rate_reached'
        | 'key_rate_reached'
        | 'queue_limit_reached'
        | 'storage_limit_reached'
        | 'disk_share_reached'
        | 'disk_budget_reached'
        | 'event_not_understood'
        | 'undelivered_too_old'
        | 'data_exposed'
        | 'store_damaged'
        | 'store_unavailable'
        | 'clock_in_doubt'
        | 'clock_off'
        | 'sweep_held'
        | 'database_clock_set'
        | 'settings_unheard'
        | 'backup_failed'
        | 'backup_overdue'
        | 'backup_made'
        | 'certificate_refused'
        | 'certificate_ending'
        | 'recovery_code_used'
        | 'worker_late'
      )[];
      /** @enum {unknown} */
      language?: 'en' | 'zh';
      /** @example On call */
      name?: string;
      /** @description DingTalk's signing secret, PagerDuty's routing key, or the secret that signs a `webhook`, which is made where it is left out. */
      secret?: string;
      /**
       * @description The least that is told.
       * @enum {unknown}
       */
      severity?: 'info' | 'warning' | 'error' | 'critical';
      /** @enum {unknown} */
      state?: 'active' | 'off';
      /** @description Of a webhook. PagerDuty has one for all, but for accounts elsewhere, as in Europe. */
      url?: string;
    };
    /** NoticeTargetTest */
    NoticeTargetTest: {
      /**
       * @description `later`: it may be taken at another try; `refused`: never, as it is.
       * @enum {unknown}
       */
      outcome: 'told' | 'later' | 'refused';
      /** @description Why it was not told, or not to everybody; empty otherwise. */
      reason: string;
    };
    /** Overview */
    Overview: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      /** @description The most urgent first; without what was dismissed. */
      attention: components['schemas']['Attention'][];
      /** @description Callback URLs that were pushed to in the last hour, those that took the least of it first; 20 at most. */
      destinations: components['schemas']['DestinationFigures'][];
      /** @description What was dismissed, and until when. */
      dismissed: components['schemas']['DismissedAttention'][];
      rates: {
        /** @description One for each of the last 48 half hours. */
        day: components['schemas']['RatePoint'][];
        /** @description One for each of the last 60 minutes. */
        hour: components['schemas']['RatePoint'][];
      };
      totals: {
        day: components['schemas']['RateTotals'];
        hour: components['schemas']['RateTotals'];
      };
    };
    /** Payload */
    Payload: {
      /** @description The file that a user sent, by a link that is signed anew each time, here and in the bodies; null where there is none. */
      media: {
        mimeType: string;
        /** @enum {unknown} */
        state: 'pending' | 'stored' | 'gone';
        url: string;
      } | null;
      /** @description One for each callback URL that the receipt goes to. */
      pushes: components['schemas']['PushPayload'][];
      queue: {
        /** @description JSON; the queue hands it out in Base64. */
        body: string;
        messageId: string;
        queueName: string;
      } | null;
    };
    /** Played */
    Played: {
      messageId: string;
      /** @enum {unknown} */
      outcome: 'fresh' | 'repeat' | 'dropped';
      receiptId: string;
    };
    /** Portal */
    Portal: {
      /**
       * @description `read`: look. `manage`: set where receipts go, try, replay, see and change signing secrets.
       * @enum {unknown}
       */
      access: 'read' | 'manage';
      colour: string | null;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      expiresAt: string;
      name: string;
      senders: {
        channelId: string;
        channelName: string;
        /** @enum {unknown} */
        channelType: 'whatsapp' | 'messenger' | 'instagram' | 'viber' | 'sandbox';
        name: string;
        senderId: string;
      }[];
    };
    /** PortalLink */
    PortalLink: {
      /**
       * @description `read`: look. `manage`: set where receipts go, try, replay, see and change signing secrets.
       * @enum {unknown}
       */
      access: 'read' | 'manage';
      colour: string | null;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @example user/ana */
      createdBy: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      expiresAt: string;
      id: string;
      name: string;
      revokedAt: string | null;
      /** @description Null: all of the account, also those that it gets later. */
      senders:
        | {
            channelId: string;
            senderId: string;
          }[]
        | null;
      /** @description About when a call last came with it, to ten seconds or so; null when none did. */
      usedAt: string | null;
    };
    /** PortalReceipt */
    PortalReceipt: {
      deliveries: {
        attempts: number;
        destinationId: number;
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        dueAt: string;
        id: string;
        lastAt: string | null;
        /** @description Of the last try; null where no answer came, or none was made. */
        lastStatus: number | null;
        /** @enum {unknown} */
        state: 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';
        url: string;
      }[];
      receiptId: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      recordedAt: string;
      /** @enum {unknown} */
      type: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
    };
    /** Preflight */
    Preflight: {
      checks: {
        /**
         * @description What came back, for a client to tell in its own words.
         * @enum {unknown}
         */
        code:
          | 'tls_there'
          | 'tls_missing'
          | 'receipt_taken'
          | 'receipt_refused'
          | 'latency_good'
          | 'latency_slow'
          | 'latency_lost'
          | 'repeat_taken'
          | 'repeat_refused'
          | 'forged_refused'
          | 'forged_taken'
          | 'forged_unanswered'
          | 'stale_refused'
          | 'stale_taken'
          | 'unknown_taken'
          | 'unknown_refused'
          | 'burst_taken'
          | 'burst_put_off'
          | 'burst_unsaid'
          | 'burst_lost'
          | 'gone_never'
          | 'gone_answered';
        name: string;
        /** @description What the code speaks of, to tell it in another language than the text. */
        params: {
          [key: string]: string | number;
        };
        /** @enum {unknown} */
        result: 'ok' | 'warning' | 'failed';
        /** @description What came back, and what to do about it. */
        text: string;
      }[];
      /** @enum {unknown} */
      grade: 'A' | 'B' | 'C' | 'D' | 'F';
      text: string;
    };
    /**
     * Problem
     * @description RFC 9457; docs/errors.md lists the codes.
     */
    Problem: {
      /** @enum {unknown} */
      code:
        | 'bad_request'
        | 'bad_callback_url'
        | 'unauthorized'
        | 'wrong_credentials'
        | 'session_over'
        | 'bad_signature'
        | 'code_required'
        | 'password_over'
        | 'company_only'
        | 'sign_in_over'
        | 'sign_in_denied'
        | 'sign_in_no_role'
        | 'sign_in_disabled'
        | 'sign_in_untrusted'
        | 'sign_in_unavailable'
        | 'forbidden'
        | 'foreign_page'
        | 'bad_link'
        | 'wrong_token'
        | 'wrong_password'
        | 'not_found'
        | 'method_not_allowed'
        | 'too_slow'
        | 'conflict'
        | 'wrong_state'
        | 'last_one'
        | 'limit_reached'
        | 'already_exists'
        | 'changed_meanwhile'
        | 'operation_refused'
        | 'channel_refused'
        | 'not_verified'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'too_many_tries'
        | 'too_many'
        | 'rate_exceeded'
        | 'quota_reached'
        | 'internal'
        | 'channel_unavailable'
        | 'overloaded'
        | 'store_unavailable'
        | 'media_pending'
        | 'media_gone'
        | 'egress_refused'
        | 'schema_too_new'
        | 'schema_too_old'
        | 'store_in_use'
        | 'store_corrupt'
        | 'wrong_master_key'
        | 'bad_command'
        | 'service_unreachable'
        | 'bad_settings';
      detail: string;
      /** @description What is wrong with it, or without a field why it is not done, to tell it in another language than `detail`. */
      fault?: {
        /** @enum {unknown} */
        code:
          | 'missing'
          | 'not_known'
          | 'not_one_of'
          | 'too_long'
          | 'too_short'
          | 'too_many_items'
          | 'too_few_items'
          | 'too_high'
          | 'too_low'
          | 'not_between'
          | 'wrong_form'
          | 'control_characters'
          | 'url_control'
          | 'url_blank'
          | 'url_unread'
          | 'url_scheme'
          | 'url_user'
          | 'url_port'
          | 'url_long'
          | 'url_inside'
          | 'url_nowhere'
          | 'user_name'
          | 'password_short'
          | 'password_few'
          | 'password_name'
          | 'password_run'
          | 'password_same'
          | 'password_wrong'
          | 'code_wrong'
          | 'user_taken'
          | 'users_full'
          | 'users_there'
          | 'user_of_company'
          | 'user_kept_out'
          | 'last_owner'
          | 'last_key'
          | 'app_there'
          | 'app_not_begun'
          | 'app_missing'
          | 'keys_full'
          | 'key_address'
          | 'portal_links_full'
          | 'accounts_full'
          | 'account_taken'
          | 'role_needed'
          | 'key_role'
          | 'first_account'
          | 'key_no_password'
          | 'company_no_password'
          | 'channel_taken'
          | 'channel_sandbox'
          | 'channel_type'
          | 'vendor_no_list'
          | 'vendor_no_subscription'
          | 'vendor_no_sign'
          | 'vendor_no_templates'
          | 'channel_waba'
          | 'option_business'
          | 'option_bot'
          | 'option_type'
          | 'viber_kind'
          | 'credentials_empty'
          | 'sandbox_full'
          | 'number_form'
          | 'number_id_other'
          | 'number_id_missing'
          | 'url_of_others'
          | 'url_taken'
          | 'url_of_sender'
          | 'url_of_channel'
          | 'destination_same'
          | 'destination_busy'
          | 'mail_none'
          | 'mail_addresses'
          | 'targets_full'
          | 'target_secret'
          | 'target_needs'
          | 'target_without'
          | 'name_line'
          | 'review_over'
          | 'review_elsewhere'
          | 'setting_at_start'
          | 'setting_fixed'
          | 'body_long'
          | 'body_xml';
        /** @description What the code speaks of, to tell it in another language than the text. */
        params: {
          [key: string]: string | number;
        };
      };
      /** @description The member of the request that is wrong. */
      field?: string;
      /** @description Of some `wrong_state`: a code for what stands in the way, which `detail` tells. */
      reason?: string;
      /** @description Which rule of messages and templates refuses it, to tell it in another language than `detail`. */
      refusal?: {
        /** @enum {unknown} */
        code:
          | 'parameter_missing'
          | 'parameter_invalid'
          | 'sender_not_numeric'
          | 'sender_unknown'
          | 'recipient_not_numeric'
          | 'fallback_unavailable'
          | 'template_code_empty'
          | 'language_empty'
          | 'template_not_found'
          | 'template_not_passed'
          | 'template_values'
          | 'message_type_empty'
          | 'content_empty'
          | 'content'
          | 'text_empty'
          | 'link_empty'
          | 'message_type_unknown'
          | 'language'
          | 'template_type'
          | 'template_name_taken'
          | 'template_unknown'
          | 'template'
          | 'template_variables'
          | 'header_type'
          | 'header_variables'
          | 'footer_variables'
          | 'button_variables'
          | 'url_variables'
          | 'phone_number'
          | 'channel_type';
        /** @description What the code speaks of, to tell it in another language than the text. */
        params: {
          [key: string]: string | number;
        };
      };
      status: number;
      title: string;
      type: string;
    };
    /** PushPayload */
    PushPayload: {
      /** @description When the last try was; null for one to come, and where that is not kept any more. */
      at: string | null;
      /** @description Receipts that this URL may get in one POST, which then has them all in its body and another `webhook-id`; null where the URL was removed. */
      batchSize: number | null;
      /** @description The body of the POST, to the byte, with this receipt alone in it. */
      body: string;
      deliveryId: string;
      destinationId: number;
      /** @description Of the POST, but for those that HTTP itself adds and those in `leftOut`. */
      headers: {
        [key: string]: string;
      };
      /** @description Headers that the POST has, or may have, and that are not told here. */
      leftOut: {
        name: string;
        /** @enum {unknown} */
        reason: 'secret' | 'not_kept';
      }[];
      /**
       * @description `last`: as the last try had it. `next`: as the next one will have it.
       * @enum {unknown}
       */
      of: 'last' | 'next';
      url: string;
    };
    /** Queue */
    Queue: {
      /** @description Messages ready to be received. */
      active: number;
      attributes: components['schemas']['QueueAttributes'];
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @description Messages not due yet. */
      delayed: number;
      /** @description Messages received and not yet deleted. */
      inactive: number;
      lastMinutes: components['schemas']['QueueFlow'];
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      modifiedAt: string;
      name: string;
      oldestAt: string | null;
    };
    /** QueueAttributes */
    QueueAttributes: {
      delaySeconds: number;
      loggingEnabled: boolean;
      maximumMessageBytes: number;
      pollingWaitSeconds: number;
      retentionSeconds: number;
      visibilitySeconds: number;
    };
    /**
     * QueueFlow
     * @description In this minute and the four before; counted every ten seconds.
     */
    QueueFlow: {
      /** @description Messages that were deleted by who received them. */
      deleted: number;
      /** @description Messages that came in. */
      put: number;
    };
    /** QueueMessage */
    QueueMessage: {
      body: string;
      /** @description The receipt, when the body is one in Base64; else null. */
      decoded: unknown;
      dequeueCount: number;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      enqueuedAt: string;
      messageId: string;
      priority: number;
    };
    /** QueueRate */
    QueueRate: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      deleted: number;
      put: number;
    };
    /** QueueToken */
    QueueToken: {
      accessKeyId: string;
      accessKeySecret: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      expiresAt: string;
      securityToken: string;
    };
    /** RatePoint */
    RatePoint: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      audits: number;
      dead: number;
      inbounds: number;
      pushed: number;
      pushFailed: number;
      sendFailed: number;
      sent: number;
      statuses: number;
    };
    /** RateTotals */
    RateTotals: {
      audits: number;
      dead: number;
      inbounds: number;
      pushed: number;
      pushFailed: number;
      sendFailed: number;
      sent: number;
      statuses: number;
    };
    /** RawEvent */
    RawEvent: {
      channelId: string;
      rawEventId: string;
      /** @description The version of the readers that made the remarks. */
      reader: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      receivedAt: string;
      /** @description What gave no receipt, and why. */
      remarks: {
        /** @description The channel's word for what it was. */
        detail: string;
        /** @description Which of the events of the POST. */
        index: number;
        /** @description Nothing that is known says that no user wrote it. */
        mayBeMessage: boolean;
        /** @enum {unknown} */
        reason:
          | 'not_json'
          | 'wrong_shape'
          | 'unknown_object'
          | 'unknown_field'
          | 'unknown_event'
          | 'not_a_receipt'
          | 'parse_failed';
      }[];
    };
    /** Receipt */
    Receipt: {
      channelId: string;
      /** @enum {unknown} */
      channelType: 'whatsapp' | 'messenger' | 'instagram' | 'viber' | 'sandbox';
      /** @description What the user sent; null when there was nothing or it is erased. */
      content: unknown;
      facts: {
        [key: string]: unknown;
      };
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      occurredAt: string;
      receiptId: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      recordedAt: string;
      senderId: string | null;
      /** @description Came after a higher status of the same message. */
      superseded: boolean;
      /** @enum {unknown} */
      type: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
      /** @description Of a message that was not sent through here. */
      unmatched: boolean;
    };
    /** RecoveryCodes */
    RecoveryCodes: {
      /** @description Each good for one sign-in without the app; shown this once. */
      codes: string[];
    };
    /** Removal */
    Removal: {
      /** @description Deliveries that were given up before, which cannot be replayed any more; counted up to 1000. */
      dead: number;
      /** @description Deliveries that were given up with it; with dryRun, that would be. */
      givenUp: number;
    };
    /** Replay */
    Replay: {
      /** @description With dryRun: more may match than were counted. Absent when not. */
      more?: boolean;
      /** @description Give it as `cursor` to go on; null when all that match have been replayed. */
      next: string | null;
      /** @description Made due again; with dryRun, those that match. */
      replayed: number;
      /**
       * Format: date-time
       * @description With dryRun, unless deliveryIds were given: the end of what was counted. Give it as `until`, and nothing is replayed that came later.
       */
      until?: string;
    };
    /** Reread */
    Reread: {
      /** @description Receipts that came of it now. */
      fresh: number;
      /**
       * @description `too_old`: from before the oldest receipt that is kept, so that nothing says what was told already.
       * @enum {unknown}
       */
      outcome: 'read' | 'erased' | 'gone' | 'no_channel' | 'too_old';
      /** @description What is still not understood. */
      remarks: {
        /** @description The channel's word for what it was. */
        detail: string;
        /** @description Which of the events of the POST. */
        index: number;
        /** @description Nothing that is known says that no user wrote it. */
        mayBeMessage: boolean;
        /** @enum {unknown} */
        reason:
          | 'not_json'
          | 'wrong_shape'
          | 'unknown_object'
          | 'unknown_field'
          | 'unknown_event'
          | 'not_a_receipt'
          | 'parse_failed';
      }[];
      /** @description Receipts that were there already. */
      repeats: number;
      /** @description Events of senders that are not registered. */
      unrouted: number;
    };
    /** RereadMany */
    RereadMany: {
      /** @description Raw events of this page. */
      events: number;
      /** @description Receipts that came of it now. */
      fresh: number;
      next: string | null;
      /** @description Those that were erased, are too old, or whose channel is gone. */
      notRead: number;
      /** @description What is still not understood. */
      remarks: number;
      /** @description Receipts that were there already. */
      repeats: number;
      /** @description Events of senders that are not registered. */
      unrouted: number;
    };
    /** RotatedCredentials */
    RotatedCredentials: {
      /** @description Of which the old one is taken as well. */
      kept: string[];
      keptUntil: string | null;
      rotated: string[];
    };
    /** Sender */
    Sender: {
      channelId: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @description Whether its receipts go to callback URLs, by its webhook settings. */
      http: boolean;
      id: string;
      name: string;
      phoneNumberId?: string;
      /** @description Whether its receipts go to queues, by its webhook settings. */
      queue: boolean;
      /** @enum {unknown} */
      type: 'whatsapp' | 'messenger' | 'instagram' | 'viber';
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      updatedAt: string;
      /**
       * @description Whether Meta has the number as verified; `unknown` until it was asked by a check.
       * @enum {unknown}
       */
      verification?: 'unknown' | 'verified' | 'pending' | 'failed';
    };
    /** SenderWebhook */
    SenderWebhook: {
      /** @description Destination id by URL. */
      destinations: {
        [key: string]: number;
      };
      /** @description Push to the callback URLs. */
      http: boolean;
      inboundUrl: string | null;
      /**
       * @description A status after a higher one is handed on and marked superseded, or dropped.
       * @enum {unknown}
       */
      lateStatuses: 'mark' | 'drop';
      /** @description Put into the account's queue of each type. */
      queue: boolean;
      /** @description Queue name by receipt type. */
      queues: {
        [key: string]: string;
      };
      statusUrl: string | null;
      /** @description All when left out. */
      types: ('ChatAppInbound' | 'ChatAppStatus')[];
      /** @description Of a change alone: what keeps receipts from being taken there for now. */
      warnings?: {
        /**
         * @description `unresolved`: the host has no address yet.
         * @enum {unknown}
         */
        code: 'unresolved';
        field: string;
        params: {
          host: string;
        };
        text: string;
      }[];
    };
    /** Session */
    Session: {
      account?: components['schemas']['Account'];
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      expiresAt?: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      idleExpiresAt?: string;
      /** @description Sessions of other accounts that this browser keeps, to switch to. */
      others?: {
        account: {
          id: string;
          name: string;
        };
        user: {
          name: string;
          /** @enum {unknown} */
          role: 'viewer' | 'operator' | 'owner';
        };
      }[];
      /**
       * @description `setup`: the account of the first start has no user yet.
       * @enum {unknown}
       */
      state: 'setup' | 'signed_out' | 'signed_in';
      user?: {
        /** @description Null when an access key signed in. */
        id: string | null;
        /** @description The company's provider by which the user signs in; null of one with a password here. */
        issuer: string | null;
        name: string;
        /** @description How many recovery codes are left. */
        recoveryCodes: number;
        /** @enum {unknown} */
        role: 'viewer' | 'operator' | 'owner';
        /** @description Whether signing in takes a code. */
        totp: boolean;
      };
      version: string;
      /** @description How people sign in; an access key always does. */
      ways: {
        /** @description Sign-in by the company's provider; null where there is none. */
        company: {
          /** @description What its button says. */
          label: string | null;
        } | null;
        /** @description False where a password opens nothing but what an operator made it for. */
        password: boolean;
      };
    };
    /** Setting */
    Setting: {
      env: string;
      /** @description Its default. */
      initial: unknown;
      /** @description Whether it may be set while the service runs. */
      isLive: boolean;
      key: string;
      meaning: string;
      /** @description When, by whom and to what it was set while the service ran; null where it was not. */
      set: {
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        at: string;
        /** @example user/ana */
        by: string;
        /** @description False where the file, the environment or the command line of this node goes first. */
        isInForce: boolean;
        /** @description What it was set to, as in the settings file. */
        value: string;
      } | null;
      /**
       * @description Where its value comes from. What a file, the environment or the command line gives stays fixed; `console`: it was set while the service ran.
       * @enum {unknown}
       */
      source: 'default' | 'file' | 'environment' | 'command line' | 'console';
      unit: string;
      /** @description Of a secret only whether it is set. */
      value: unknown;
    };
    /** SigningSecrets */
    SigningSecrets: {
      secrets: {
        expiresAt: string | null;
        secret: string;
      }[];
    };
    /** Template */
    Template: {
      allowSend: boolean;
      category: string;
      channelId: string;
      code: string;
      components: {
        [key: string]: unknown;
      }[];
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      /** @description A sample for each variable. */
      example: {
        [key: string]: string;
      };
      /** @description Whether a change is still to be made at the vendor. */
      isEdited: boolean;
      language: string;
      name: string;
      /**
       * @description How the vendor knows the variables: by their names, by the places where they first appear, or by the numbers that their names end in.
       * @enum {unknown}
       */
      parameterFormat: 'NAMED' | 'POSITIONAL' | 'NUMBERED';
      quality: string;
      reason: string;
      reviewAt: string | null;
      /** @enum {unknown} */
      status: 'pass' | 'fail' | 'auditing' | 'unaudit' | 'disabled' | 'paused';
      /** @enum {unknown} */
      type: 'WHATSAPP' | 'VIBER';
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      updatedAt: string;
      vendorId: string | null;
    };
    /** TemplateEvent */
    TemplateEvent: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      at: string;
      event: string;
      reason: string;
      receiptId: string;
      status: string | null;
    };
    /** TemplateImport */
    TemplateImport: {
      /** @description Those that were here and stood otherwise. */
      changed: number;
      /** @description Those that say another thing here than at the vendor and were left as they are, in words. */
      differing: {
        differences: string[];
        language: string;
        name: string;
      }[];
      /** @description False where the vendor's list was left at its bound, or holds what cannot be read. */
      isWhole: boolean;
      /** @description Languages of templates that the vendor has. */
      listed: number;
      /** @description Those that were not here and are now. */
      made: number;
      /** @description Parts that are not known here and were kept as they are, and templates that could not be read. */
      unread: {
        language: string;
        name: string;
        parts: string[];
      }[];
    };
    /** TemplateImportPlan */
    TemplateImportPlan: {
      /** @description False where the vendor's list was left at its bound, or holds what cannot be read. */
      isWhole: boolean;
      /** @description Languages of templates that the vendor has. */
      listed: number;
      /** @description Steps that are not among those. */
      more: number;
      /** @description Those that are not here as they are there, up to 500. */
      steps: {
        fields: {
          /** @description A part of the template, e.g. `BODY.Text`. */
          field: string;
          /** @description Empty where it is absent. */
          here: string;
          /** @description Empty where it is absent. */
          there: string;
        }[];
        /**
         * @description `keep`: it differs and stays, because it never reached the vendor; `replace` takes what the vendor has.
         * @enum {unknown}
         */
        kind: 'make' | 'change' | 'keep';
        language: string;
        name: string;
      }[];
      /** @description Parts that are not known here and were kept as they are, and templates that could not be read. */
      unread: {
        language: string;
        name: string;
        parts: string[];
      }[];
    };
    /** TestEvent */
    TestEvent: {
      attempt: components['schemas']['Attempt'];
      request: {
        body: string;
        headers: {
          [key: string]: string;
        };
        url: string;
      };
    };
    /** Timeline */
    Timeline: {
      deliveries: {
        attempts: number;
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        createdAt: string;
        destinationId: number;
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        dueAt: string;
        id: string;
        receiptId: string;
        /** @enum {unknown} */
        state: 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';
        tries: components['schemas']['Attempt'][];
        /** @description Since when settings do not want it pushed; null unless its state is `unwanted`. */
        unwantedSince: string | null;
        url: string;
      }[];
      media: {
        attempts: number;
        bytes: number | null;
        id: string;
        mimeType: string;
        reason: string;
        /** @enum {unknown} */
        state: 'pending' | 'stored' | 'gone' | 'erased';
      } | null;
      queue: {
        dequeueCount: number;
        endedAt: string | null;
        messageId: string;
        queueName: string;
        /** @enum {unknown} */
        state: 'queued' | 'held' | 'deleted' | 'expired' | 'unknown';
      } | null;
      rawEvent: {
        id: string;
        index: number;
      };
      receipt: components['schemas']['Receipt'];
    };
    /** TriedNow */
    TriedNow: {
      refused: {
        /** @enum {unknown} */
        code:
          | 'delivery_absent'
          | 'delivery_over'
          | 'delivery_open'
          | 'delivery_unwanted'
          | 'delivery_behind'
          | 'destination_off'
          | 'destination_removed';
        deliveryId: string;
        /** @description Why it is not tried, and what to do. */
        text: string;
      }[];
      /** @description Deliveries that are due now. */
      tried: number;
    };
    /** Unrouted */
    Unrouted: {
      /**
       * @description What it waits for: `send` is the answer to a send call under way.
       * @enum {unknown}
       */
      by: 'sender' | 'waba' | 'send';
      channelId: string;
      id: string;
      index: number;
      rawEventId: string;
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      receivedAt: string;
    };
    /** User */
    User: {
      /**
       * Format: date-time
       * @example 2026-11-01T09:30:00.000Z
       */
      createdAt: string;
      id: string;
      /** @description The company's provider by which the user signs in; null of one with a password here. */
      issuer: string | null;
      name: string;
      /** @description Of a password that is good for one sign-in: until when. Null of any other. */
      passwordEndsAt: string | null;
      /** @description How many recovery codes are left. */
      recoveryCodes: number;
      /** @enum {unknown} */
      role: 'viewer' | 'operator' | 'owner';
      signedInAt: string | null;
      /** @enum {unknown} */
      state: 'active' | 'disabled';
      totp: boolean;
      /** @description When the user was last at work here, to about a minute; null for never. */
      usedAt: string | null;
    };
    /**
     * Why
     * @description Why it is not delivered, as a code to translate and as a sentence.
     */
    Why: {
      /** @enum {unknown} */
      code:
        | 'refused_by_channel'
        | 'dead'
        | 'fallback_dead'
        | 'destination_off'
        | 'breaker_open'
        | 'retrying'
        | 'fallback_retrying'
        | 'outcome_unknown'
        | 'waiting_turn'
        | 'not_sent_yet'
        | 'waiting_behind'
        | 'not_wanted'
        | 'given_up'
        | 'waiting'
        | 'queue_expired'
        | 'no_subscription'
        | 'held'
        | 'in_queue'
        | 'no_status_yet'
        | 'fallback_armed'
        | 'fallback_taken'
        | 'delivered';
      params: {
        [key: string]: string | number | boolean | null;
      };
      text: string;
    };
    /** Worker */
    Worker: {
      /** @description From the end of a run to the next; null for one that only runs when something wakes it. */
      everyMs: number | null;
      failures: number;
      /** @description No sign of life for three times its interval, and for a minute at least. */
      isLate: boolean;
      /** @description By how much it is, or last began, later than planned. */
      lagMs: number;
      /** @description How long the last run took that has ended. */
      lastDurationMs: number | null;
      lastError: {
        /**
         * Format: date-time
         * @example 2026-11-01T09:30:00.000Z
         */
        at: string;
        text: string;
      } | null;
      lastRunAt: string | null;
      /** @example reviews */
      name: string;
      /** @description Since the start of this process. */
      runs: number;
      /**
       * @description `standby`: another node does it for all nodes.
       * @enum {unknown}
       */
      state: 'new' | 'idle' | 'running' | 'standby' | 'stopped';
      /** @description How much it has at hand or in memory; null where only the store knows. */
      waiting: number | null;
    };
    /** Workers */
    Workers: {
      items: components['schemas']['Worker'][];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Account'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getAccounts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Account'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postAccounts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Uid; at random when left out. */
          id?: string;
          name: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewAccount'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `conflict`: That name is taken. `limit_reached`: There are as many of these as there may be. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getAccountLimits: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        accountId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountLimits'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  patchAccountLimits: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        accountId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Messages in the queues of the account up to which more may be put in; 0 is any number, null the default of all accounts. */
          queuedMessages?: number | null;
          /** @description Requests in a second, on each node; 0 is any number, null the default of all accounts. */
          requestsPerSecond?: number | null;
          /** @description Bytes of files of the account up to which more may be uploaded; 0 is any number, null the default of all accounts. */
          storedBytes?: number | null;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountLimits'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChanges: {
    parameters: {
      query?: {
        /** @description What, as `channel.put`. */
        action?: string;
        /** @description Who, as told: `user/ana`, `key/LTAI5tExample`. */
        actor?: string;
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 50 when left out. */
        limit?: number;
        /** @description From this time on. */
        since?: string;
        /** @description What was changed, or what that belongs to: `channel/shop` finds changes of its senders too. */
        subject?: string;
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Change'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannels: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Channel'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannel: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Channel'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  putChannel: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
        /** @description `*`: only make; what is there already is answered 412. */
        'if-none-match'?: string;
      };
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Those that are given are set, null takes one away, what is left out stays. Secrets are never read back. */
          credentials?: {
            accessToken?: string | null;
            allowedAddresses?: string | null;
            appSecret?: string | null;
            appSecretPrevious?: string | null;
            appSecretPreviousUntil?: string | null;
            authToken?: string | null;
            authTokenPrevious?: string | null;
            authTokenPreviousUntil?: string | null;
            pathSecret?: string | null;
            pathSecretPrevious?: string | null;
            pathSecretPreviousUntil?: string | null;
            serviceId?: string | null;
            verifyToken?: string | null;
            welcomeText?: string | null;
          };
          name?: string;
          /** @description Replaces all of them; left out, they stay. */
          options?: {
            /** @description Meta: id of the app, which samples of templates are uploaded to; asked of Meta when left out. */
            appId?: string;
            /** @description Meta: send appsecret_proof with every call. */
            appSecretProof?: boolean;
            /** @description Viber Business Messages: base of this channel's partner API, in the place of CHASQUI_VIBER_BUSINESS_URL. */
            businessUrl?: string;
            /** @description WhatsApp: receipts of calls, missed ones as well. */
            calls?: boolean;
            /** @description Viber bots: receipts of what a user's device tells, e.g. of a payment. */
            clientStatus?: boolean;
            /** @description Instagram: receipts of comments, below live videos as well. */
            comments?: boolean;
            /** @description WhatsApp, Messenger, Instagram: receipts of what the business wrote elsewhere: in its own app, in the inbox, by another app. */
            echoes?: boolean;
            /** @description WhatsApp: receipts of what happens to groups. */
            groups?: boolean;
            /** @description WhatsApp: receipts of chats from before. */
            history?: boolean;
            /** @description WhatsApp: send marketing templates by the Marketing Messages API. */
            marketingMessages?: boolean;
            /**
             * @description WhatsApp: whether Meta fetches the links of media, or gets an upload.
             * @enum {unknown}
             */
            mediaBy?: 'link' | 'upload';
            /** @description Instagram: receipts of mentions in posts and comments. */
            mentions?: boolean;
            /** @description WhatsApp: receipts of changes of the user name of the business. */
            usernames?: boolean;
          };
          /** @enum {unknown} */
          type: 'whatsapp' | 'messenger' | 'instagram' | 'viber' | 'sandbox';
          /** @description WhatsApp Business Account. */
          wabaId?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Channel'];
        };
      };
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Channel'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `conflict`: That name is taken. `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `already_exists`: It is there already; nothing was changed. `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteChannel: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelAvailableSenders: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['FoundSender'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. `channel_refused`: The channel refused that. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `channel_unavailable`: The channel did not answer as it should. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelCheck: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ChannelCheck'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelCredentialsRotate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The new ones; the others stay. */
          credentials: {
            accessToken?: string;
            appSecret?: string;
            authToken?: string;
            pathSecret?: string;
            verifyToken?: string;
          };
          /** @description How long the old secret is taken as well; a day when left out. */
          overlapSeconds?: number;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RotatedCredentials'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelDependents: {
    parameters: {
      query?: {
        senderId?: string;
      };
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Dependents'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelSenders: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Sender'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelSender: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Sender'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  putChannelSender: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
        /** @description `*`: only make; what is there already is answered 412. */
        'if-none-match'?: string;
      };
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name?: string;
          /** @description Meta's id of a WhatsApp number. */
          phoneNumberId?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Sender'];
        };
      };
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Sender'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `conflict`: That name is taken. `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `already_exists`: It is there already; nothing was changed. `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteChannelSender: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelSenderSigns: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {unknown} */
          kind: 'read' | 'typing';
          /** @description The user's message, as `MessageId` of its receipt; WhatsApp needs it. */
          messageId?: string;
          /** @description The user, as `From` of a receipt. */
          to: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. `channel_refused`: The channel refused that. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `channel_unavailable`: The channel did not answer as it should. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelSenderWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SenderWebhook'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  putChannelSenderWebhook: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
        /** @description `*`: only make; what is there already is answered 412. */
        'if-none-match'?: string;
      };
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Push to the callback URLs. */
          http?: boolean;
          inboundUrl?: string | null;
          /**
           * @description A status after a higher one is handed on and marked superseded, or dropped.
           * @enum {unknown}
           */
          lateStatuses?: 'mark' | 'drop';
          /**
           * @description How a callback URL that is new here is pushed to; `standard` when left out.
           * @enum {unknown}
           */
          preset?: 'standard' | 'cams';
          /** @description Put into the account's queue of each type. */
          queue?: boolean;
          statusUrl?: string | null;
          /** @description All when left out. */
          types?: ('ChatAppInbound' | 'ChatAppStatus')[];
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SenderWebhook'];
        };
      };
      /** @description `bad_request`: The request is not understood. `bad_callback_url`: The callback URL cannot be used. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_verified`: The channel has not verified this number. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `already_exists`: It is there already; nothing was changed. `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelSubscribe: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. `channel_refused`: The channel refused that. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `channel_unavailable`: The channel did not answer as it should. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelTemplates: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          category: string;
          /** @description In the words of the CAMS API: `Type`, `Text`, `Buttons`, …; variables are `$(name)`. */
          components: {
            [key: string]: unknown;
          }[];
          /** @description A sample for each variable. */
          example?: {
            [key: string]: string;
          };
          language: string;
          name: string;
          /** @enum {unknown} */
          type?: 'WHATSAPP' | 'VIBER';
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Template'];
        };
      };
      /** @description `bad_request`: The request is not understood. `operation_refused`: The operation was refused. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelTemplate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        code: string;
        language: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Template'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  putChannelTemplate: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
        /** @description `*`: only make; what is there already is answered 412. */
        'if-none-match'?: string;
      };
      path: {
        channelId: string;
        code: string;
        language: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          category?: string;
          /** @description In the words of the CAMS API: `Type`, `Text`, `Buttons`, …; variables are `$(name)`. */
          components: {
            [key: string]: unknown;
          }[];
          /** @description A sample for each variable. */
          example?: {
            [key: string]: string;
          };
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Template'];
        };
      };
      /** @description `bad_request`: The request is not understood. `operation_refused`: The operation was refused. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `already_exists`: It is there already; nothing was changed. `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteChannelTemplate: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        channelId: string;
        code: string;
        language: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelTemplateHistory: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        code: string;
        language: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['TemplateEvent'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelTemplateReview: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        code: string;
        language: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {unknown} */
          decision: 'pass' | 'fail';
          reason?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Template'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelTemplatesImport: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Takes what the vendor has where a template here, which never reached it, says otherwise. */
          replace?: boolean;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TemplateImport'];
        };
      };
      /** @description `bad_request`: The request is not understood. `channel_refused`: The channel refused that. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `channel_unavailable`: The channel did not answer as it should. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postChannelTemplatesImportPlan: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Takes what the vendor has where a template here, which never reached it, says otherwise. */
          replace?: boolean;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TemplateImportPlan'];
        };
      };
      /** @description `bad_request`: The request is not understood. `channel_refused`: The channel refused that. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `channel_unavailable`: The channel did not answer as it should. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChannelWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ChannelWebhook'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  putChannelWebhook: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
        /** @description `*`: only make; what is there already is answered 412. */
        'if-none-match'?: string;
      };
      path: {
        channelId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          auditUrl?: string | null;
          /** @enum {unknown} */
          auditVersion?: 'V1' | 'V2';
          /** @description Push to the callback URLs. */
          http?: boolean;
          /**
           * @description How a callback URL that is new here is pushed to; `standard` when left out.
           * @enum {unknown}
           */
          preset?: 'standard' | 'cams';
          /** @description Put into the account's queue of each type. */
          queue?: boolean;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ChannelWebhook'];
        };
      };
      /** @description `bad_request`: The request is not understood. `bad_callback_url`: The callback URL cannot be used. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `already_exists`: It is there already; nothing was changed. `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getClock: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Clock'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postClockConfirm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Clock'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getCountsDeliveries: {
    parameters: {
      query?: {
        channelId?: string;
        destinationId?: number;
        /** @description How the last try ended. */
        outcome?:
          | 'accepted'
          | 'rejected'
          | 'not_acknowledged'
          | 'gone'
          | 'throttled'
          | 'timeout'
          | 'refused'
          | 'unresolved'
          | 'guarded'
          | 'tls'
          | 'failed';
        /** @description From this time on. */
        since?: string;
        state?: 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';
        /** @description What the last try was answered. */
        status?: number;
        type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
        /** @description Before this time. */
        until?: string;
        /** @description The user's id or number; of a number its plus, blanks, brackets and dashes do not count. */
        user?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Count'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getCountsMessages: {
    parameters: {
      query?: {
        channelId?: string;
        /** @description To users (`mt`, when left out) or from users. */
        direction?: 'mt' | 'mo';
        /** @description Ours or the channel’s. */
        messageId?: string;
        /** @description The user: a number however it is written, or an id. Found is also what a channel called the same user otherwise, and what was written to or by the other spelling of the number where its country has two. */
        number?: string;
        senderId?: string;
        /** @description From this time on. */
        since?: string;
        /** @description The highest status that the channel told, or what stands in its place before there is one. */
        status?:
          | 'queued'
          | 'accepted'
          | 'failed'
          | 'unknown'
          | 'received'
          | 'sent'
          | 'delivered'
          | 'read'
          | 'deleted'
          | 'subscribe'
          | 'unsubscribe';
        taskId?: string;
        templateCode?: string;
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Count'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getCountsReceipts: {
    parameters: {
      query?: {
        channelId?: string;
        /** @description The channel's id of the message; a template's code for audits. */
        messageId?: string;
        senderId?: string;
        /** @description From this time on. */
        since?: string;
        type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Count'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDeliveries: {
    parameters: {
      query?: {
        channelId?: string;
        /** @description `next` of the page before. */
        cursor?: string;
        destinationId?: number;
        /** @description 50 when left out. */
        limit?: number;
        /** @description How the last try ended. */
        outcome?:
          | 'accepted'
          | 'rejected'
          | 'not_acknowledged'
          | 'gone'
          | 'throttled'
          | 'timeout'
          | 'refused'
          | 'unresolved'
          | 'guarded'
          | 'tls'
          | 'failed';
        /** @description From this time on. */
        since?: string;
        state?: 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';
        /** @description What the last try was answered. */
        status?: number;
        type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
        /** @description Before this time. */
        until?: string;
        /** @description The user's id or number; of a number its plus, blanks, brackets and dashes do not count. */
        user?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Delivery'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        deliveryId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryDetail'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDeliveryReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        deliveryId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDeliveryTryNow: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        deliveryId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TriedNow'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDeliveriesGiveUp: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description `next` of the page before. */
          cursor?: string;
          deliveryIds?: string[];
          destinationId?: number;
          /** @description Only counts. */
          dryRun?: boolean;
          /** @description 500 when left out. */
          limit?: number;
          /**
           * Format: date-time
           * @description From this time on.
           */
          since?: string;
          /**
           * @description Those that settings do not want (when left out), or `open`: all of a destination that are not over.
           * @enum {unknown}
           */
          state?: 'unwanted' | 'open';
          /**
           * Format: date-time
           * @description Before this time.
           */
          until?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['GivenUp'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDeliveriesReplay: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          channelId?: string;
          /** @description `next` of the page before. */
          cursor?: string;
          deliveryIds?: string[];
          destinationId?: number;
          /** @description Only counts, up to 100,000; done deliveries among the newest 100,000. Those of callback URLs that were removed count, and are left alone by a replay. */
          dryRun?: boolean;
          /** @description 500 when left out. */
          limit?: number;
          /**
           * @description How the last try ended.
           * @enum {unknown}
           */
          outcome?:
            | 'accepted'
            | 'rejected'
            | 'not_acknowledged'
            | 'gone'
            | 'throttled'
            | 'timeout'
            | 'refused'
            | 'unresolved'
            | 'guarded'
            | 'tls'
            | 'failed';
          /**
           * Format: date-time
           * @description From this time on.
           */
          since?: string;
          /**
           * @description `dead` when left out.
           * @enum {unknown}
           */
          state?: 'done' | 'dead';
          /** @description What the last try was answered. */
          status?: number;
          /** @enum {unknown} */
          type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
          /**
           * Format: date-time
           * @description Before this time.
           */
          until?: string;
          /** @description The user's id or number; of a number its plus, blanks, brackets and dashes do not count. */
          user?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDeliveriesTryNow: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          deliveryIds: string[];
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TriedNow'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDestinations: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Destination'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDestination: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Destination'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteDestination: {
    parameters: {
      query?: {
        /** @description Only tells what would be given up. */
        dryRun?: boolean;
      };
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Removal'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  patchDestination: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          batchSize?: number;
          concurrency?: number;
          /** @description What people call it; empty takes the name away. */
          name?: string;
          /** @enum {unknown} */
          preset?: 'standard' | 'cams';
          /** @description The wait before each try. */
          scheduleMs?: number[];
          /** @enum {unknown} */
          state?: 'active' | 'off';
          timeoutMs?: number;
          /** @description Another address in its place: what waits, the secrets and all settings that name the old one go with it. */
          url?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Destination'];
        };
      };
      /** @description `bad_request`: The request is not understood. `bad_callback_url`: The callback URL cannot be used. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `conflict`: That name is taken. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDestinationHandOver: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description `next` of the page before. */
          cursor?: string;
          /** @description Only counts. */
          dryRun?: boolean;
          /** @description 500 when left out. */
          limit?: number;
          /** @description The destination that gets what waits for this one. */
          to: number;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HandedOver'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDestinationPreflight: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Preflight'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDestinationRates: {
    parameters: {
      query?: {
        /** @description `hour` when left out. */
        span?: 'hour' | 'day';
      };
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DestinationRates'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDestinationSecrets: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SigningSecrets'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDestinationSecretsRotate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description How long the old secret signs along; a day when left out. */
          overlapSeconds?: number;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SigningSecrets'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDestinationTest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TestEvent'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postDestinationTryNow: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        destinationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DestinationTriedNow'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postErasures: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          channelId?: string;
          /** @description Only count what would go. */
          dryRun?: boolean;
          /** @description The user by any id that receipts tell: number with or without its plus, business-scoped or page-scoped id. What is kept under its other ids goes as well. */
          userId: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Erasure'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getExportsDeliveries: {
    parameters: {
      query: {
        channelId?: string;
        destinationId?: number;
        format: 'csv' | 'ndjson';
        /** @description How the last try ended. */
        outcome?:
          | 'accepted'
          | 'rejected'
          | 'not_acknowledged'
          | 'gone'
          | 'throttled'
          | 'timeout'
          | 'refused'
          | 'unresolved'
          | 'guarded'
          | 'tls'
          | 'failed';
        /** @description From this time on. */
        since?: string;
        /** @description Of CSV: begins with a byte order mark, and has a tab before ids of many digits, so that a spreadsheet keeps them whole. */
        spreadsheet?: boolean;
        state?: 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';
        /** @description What the last try was answered. */
        status?: number;
        type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
        /** @description Before this time. */
        until?: string;
        /** @description The user's id or number; of a number its plus, blanks, brackets and dashes do not count. */
        user?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Rows as in the list, newest first, of deliveries with `nextTryAt`; what breaks off before its end was not finished. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getExportsMessages: {
    parameters: {
      query: {
        channelId?: string;
        /** @description To users (`mt`, when left out) or from users. */
        direction?: 'mt' | 'mo';
        format: 'csv' | 'ndjson';
        /** @description Ours or the channel’s. */
        messageId?: string;
        /** @description The user: a number however it is written, or an id. Found is also what a channel called the same user otherwise, and what was written to or by the other spelling of the number where its country has two. */
        number?: string;
        senderId?: string;
        /** @description From this time on. */
        since?: string;
        /** @description Of CSV: begins with a byte order mark, and has a tab before ids of many digits, so that a spreadsheet keeps them whole. */
        spreadsheet?: boolean;
        /** @description The highest status that the channel told, or what stands in its place before there is one. */
        status?:
          | 'queued'
          | 'accepted'
          | 'failed'
          | 'unknown'
          | 'received'
          | 'sent'
          | 'delivered'
          | 'read'
          | 'deleted'
          | 'subscribe'
          | 'unsubscribe';
        taskId?: string;
        templateCode?: string;
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Rows as in the list, newest first, of deliveries with `nextTryAt`; what breaks off before its end was not finished. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getExportsReceipts: {
    parameters: {
      query: {
        channelId?: string;
        format: 'csv' | 'ndjson';
        /** @description The channel's id of the message; a template's code for audits. */
        messageId?: string;
        senderId?: string;
        /** @description From this time on. */
        since?: string;
        /** @description Of CSV: begins with a byte order mark, and has a tab before ids of many digits, so that a spreadsheet keeps them whole. */
        spreadsheet?: boolean;
        type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Rows as in the list, newest first, of deliveries with `nextTryAt`; what breaks off before its end was not finished. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getFirstSteps: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FirstSteps'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Key'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Addresses and CIDR ranges that it may be used from; empty for any.
           * @example [
           *       "192.0.2.0/24"
           *     ]
           */
          addresses?: string[];
          limits?: {
            /** @description Messages in the queues of the account up to which more may be put in; 0 is any number, null none of its own. */
            queuedMessages?: number | null;
            /** @description Requests in a second, on each node; 0 is any number, null none of its own. */
            requestsPerSecond?: number | null;
            /** @description Bytes of files of the account up to which more may be uploaded; 0 is any number, null none of its own. */
            storedBytes?: number | null;
          };
          name?: string;
          /**
           * @description `full`: everything. `send`: send messages. `receive`: take receipts and queue messages. `read`: look, but at no secret.
           * @enum {unknown}
           */
          role?: 'full' | 'send' | 'receive' | 'read';
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewKey'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `limit_reached`: There are as many of these as there may be. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Key'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  patchKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        keyId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Addresses and CIDR ranges that it may be used from; empty for any.
           * @example [
           *       "192.0.2.0/24"
           *     ]
           */
          addresses?: string[];
          limits?: {
            /** @description Messages in the queues of the account up to which more may be put in; 0 is any number, null none of its own. */
            queuedMessages?: number | null;
            /** @description Requests in a second, on each node; 0 is any number, null none of its own. */
            requestsPerSecond?: number | null;
            /** @description Bytes of files of the account up to which more may be uploaded; 0 is any number, null none of its own. */
            storedBytes?: number | null;
          };
          name?: string;
          /**
           * @description `full`: everything. `send`: send messages. `receive`: take receipts and queue messages. `read`: look, but at no secret.
           * @enum {unknown}
           */
          role?: 'full' | 'send' | 'receive' | 'read';
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Key'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `last_one`: It is the last one, and one is needed. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postKeyDisable: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Key'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `last_one`: It is the last one, and one is needed. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postKeyEnable: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Key'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `last_one`: It is the last one, and one is needed. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postKeyRotate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        keyId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Leaves the old key active, to be disabled once nobody uses it. */
          keepOld?: boolean;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewKey'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `limit_reached`: There are as many of these as there may be. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getLimits: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountLimits'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getMessages: {
    parameters: {
      query?: {
        channelId?: string;
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description To users (`mt`, when left out) or from users. */
        direction?: 'mt' | 'mo';
        /** @description 50 when left out. */
        limit?: number;
        /** @description Ours or the channel’s. */
        messageId?: string;
        /** @description The user: a number however it is written, or an id. Found is also what a channel called the same user otherwise, and what was written to or by the other spelling of the number where its country has two. */
        number?: string;
        senderId?: string;
        /** @description From this time on. */
        since?: string;
        /** @description The highest status that the channel told, or what stands in its place before there is one. */
        status?:
          | 'queued'
          | 'accepted'
          | 'failed'
          | 'unknown'
          | 'received'
          | 'sent'
          | 'delivered'
          | 'read'
          | 'deleted'
          | 'subscribe'
          | 'unsubscribe';
        taskId?: string;
        templateCode?: string;
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Message'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postMessages: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          channelId: string;
          /** @description `Content` of the CAMS API, for other types. */
          content?: {
            [key: string]: unknown;
          };
          /** @description The message that this one quotes: our id or the channel’s. */
          contextMessageId?: string;
          /** @description `FlowAction` of the CAMS API. */
          flowAction?: {
            [key: string]: unknown;
          };
          /**
           * @description Needed for Viber Business Messages: what the message is for; `session` answers a user who has written. A bot has none.
           * @enum {unknown}
           */
          label?: 'promotion' | 'transaction' | 'session';
          language?: string;
          /** @description Values of the variables of the template. */
          params?: {
            [key: string]: string;
          };
          /** @description Of the quick replies of a template, in their order. */
          payload?: string[];
          /** @description `ProductAction` of the CAMS API. */
          productAction?: {
            [key: string]: unknown;
          };
          /**
           * @description What `to` is: the id of a user when left out, of a group (WhatsApp), or what names a user of Messenger who used a plugin or opted in.
           * @enum {unknown}
           */
          recipientType?:
            'individual' | 'group' | 'user_ref' | 'notification_messages_token' | 'one_time_notif_token';
          senderId: string;
          /** @description E.g. `HUMAN_AGENT` on Messenger and Instagram. */
          tag?: string;
          taskId?: string;
          templateCode?: string;
          /** @description For type text. How long it may be depends on the channel. */
          text?: string;
          to: string;
          /** @description Comes back with what a Viber user answers. */
          trackingData?: string;
          /** @description After which it is not sent any more. */
          ttlSeconds?: number;
          /**
           * @example text
           * @example template
           * @example image
           */
          type: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewMessage'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `quota_reached`: The account holds as much as it may. Take some away first. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getMessage: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        messageId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MessageStory'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getNoticeTargets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['NoticeTarget'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postNoticeTargets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewNoticeTarget'];
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MadeNoticeTarget'];
        };
      };
      /** @description `bad_request`: The request is not understood. `bad_callback_url`: The callback URL cannot be used. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `limit_reached`: There are as many of these as there may be. `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getNoticeTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        targetId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NoticeTarget'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteNoticeTarget: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        targetId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  patchNoticeTarget: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        targetId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NoticeTargetChange'];
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NoticeTarget'];
        };
      };
      /** @description `bad_request`: The request is not understood. `bad_callback_url`: The callback URL cannot be used. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postNoticeTargetTest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        targetId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NoticeTargetTest'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getNoticeTargetsOperator: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['NoticeTarget'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postNoticeTargetsOperatorTest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        targetId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NoticeTargetTest'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getNotices: {
    parameters: {
      query?: {
        /** @description Only of this kind, the ends of it among them. */
        code?:
          | 'destination_opened'
          | 'destination_closed'
          | 'destination_off'
          | 'callback_unresolved'
          | 'delivery_died'
          | 'token_refused'
          | 'token_ending'
          | 'channel_unwell'
          | 'sender_stopped'
          | 'fallback_died'
          | 'template_waiting'
          | 'template_kept'
          | 'account_rate_reached'
          | 'key_rate_reached'
          | 'queue_limit_reached'
          | 'storage_limit_reached'
          | 'disk_share_reached'
          | 'disk_budget_reached'
          | 'event_not_understood'
          | 'undelivered_too_old'
          | 'data_exposed'
          | 'store_damaged'
          | 'store_unavailable'
          | 'clock_in_doubt'
          | 'clock_off'
          | 'sweep_held'
          | 'database_clock_set'
          | 'settings_unheard'
          | 'backup_failed'
          | 'backup_overdue'
          | 'backup_made'
          | 'certificate_refused'
          | 'certificate_ending'
          | 'recovery_code_used'
          | 'worker_late';
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 50 when left out. */
        limit?: number;
        /** @description The least that is listed. */
        severity?: 'info' | 'warning' | 'error' | 'critical';
        /** @description From this time on. */
        since?: string;
        /** @description Only what was told and is not over, all at once: there is no `next`, and no other filter narrows it. */
        standing?: boolean;
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Notice'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getOverview: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Overview'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postOverviewDismissals: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          items: {
            cause: string;
            subject: string;
          }[];
          /** @description For how long; 0 brings them back. */
          seconds: number;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPortal: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Portal'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPortalLinks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['PortalLink'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postPortalLinks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description `read`: look. `manage`: set where receipts go, try, replay, see and change signing secrets.
           * @enum {unknown}
           */
          access?: 'read' | 'manage';
          /** @description Of the page, as `#0b5cd6`; ours when left out. */
          colour?: string;
          /** @description How long it is good; 24 when left out. */
          hours?: number;
          /** @description What the page is called. */
          name: string;
          /** @description The senders that it opens, and no others. Null: all of the account, also later ones. */
          senders:
            | {
                channelId: string;
                senderId: string;
              }[]
            | null;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewPortalLink'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `limit_reached`: There are as many of these as there may be. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postPortalLinkRevoke: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        linkId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPortalChannelSenderDeliveries: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 20 when left out. */
        limit?: number;
      };
      header?: never;
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['PortalReceipt'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postPortalChannelSenderDeliveryReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        deliveryId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPortalChannelSenderDestinationSecrets: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        destinationId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SigningSecrets'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postPortalChannelSenderDestinationSecretsRotate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        destinationId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description How long the old secret signs along; a day when left out. */
          overlapSeconds?: number;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SigningSecrets'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postPortalChannelSenderDestinationTest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        destinationId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TestEvent'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPortalChannelSenderWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SenderWebhook'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postPortalChannelSenderWebhook: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        channelId: string;
        senderId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Push to the callback URLs. */
          http?: boolean;
          inboundUrl?: string | null;
          /**
           * @description A status after a higher one is handed on and marked superseded, or dropped.
           * @enum {unknown}
           */
          lateStatuses?: 'mark' | 'drop';
          /**
           * @description How a callback URL that is new here is pushed to; `standard` when left out.
           * @enum {unknown}
           */
          preset?: 'standard' | 'cams';
          /** @description Put into the account's queue of each type. */
          queue?: boolean;
          statusUrl?: string | null;
          /** @description All when left out. */
          types?: ('ChatAppInbound' | 'ChatAppStatus')[];
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SenderWebhook'];
        };
      };
      /** @description `bad_request`: The request is not understood. `bad_callback_url`: The callback URL cannot be used. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `limit_reached`: There are as many of these as there may be. `not_verified`: The channel has not verified this number. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getQueues: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 50 when left out. */
        limit?: number;
        prefix?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Queue'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getQueue: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Letters, digits and hyphens, not beginning with a hyphen. */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Queue'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  putQueue: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
        /** @description `*`: only make; what is there already is answered 412. */
        'if-none-match'?: string;
      };
      path: {
        /** @description Letters, digits and hyphens, not beginning with a hyphen. */
        name: string;
      };
      cookie?: never;
    };
    /** @description What is left out stays, or has its default in a new queue. */
    requestBody: {
      content: {
        'application/json': {
          delaySeconds?: number;
          loggingEnabled?: boolean;
          maximumMessageBytes?: number;
          pollingWaitSeconds?: number;
          retentionSeconds?: number;
          visibilitySeconds?: number;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Queue'];
        };
      };
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Queue'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `already_exists`: It is there already; nothing was changed. `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteQueue: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        /** @description Letters, digits and hyphens, not beginning with a hyphen. */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getQueueMessages: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Letters, digits and hyphens, not beginning with a hyphen. */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['QueueMessage'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postQueueMessages: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Letters, digits and hyphens, not beginning with a hyphen. */
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          body: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            messageId: string;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `quota_reached`: The account holds as much as it may. Take some away first. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getQueueRates: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Letters, digits and hyphens, not beginning with a hyphen. */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['QueueRate'][];
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postQueueTokens: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Letters, digits and hyphens, not beginning with a hyphen. */
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description An hour when left out. */
          seconds?: number;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QueueToken'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getRawEvents: {
    parameters: {
      query?: {
        channelId?: string;
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 50 when left out. */
        limit?: number;
        /** @description Only those in which something may be a message of a user. */
        mayBeMessage?: boolean;
        reason?:
          | 'not_json'
          | 'wrong_shape'
          | 'unknown_object'
          | 'unknown_field'
          | 'unknown_event'
          | 'not_a_receipt'
          | 'parse_failed';
        /** @description Only those of which something gave no receipt; implied by the two below. */
        remarked?: boolean;
        /** @description From this time on. */
        since?: string;
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['RawEvent'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getRawEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        rawEventId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The bytes as they came. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': string;
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getRawEventRemarks: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        rawEventId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RawEvent'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postRawEventReread: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        rawEventId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Reread'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postRawEventsReread: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          channelId?: string;
          /** @description The `next` of the call before. */
          cursor?: string;
          /** @description Only says how many it would read. */
          dryRun?: boolean;
          /** @description Only those in which something may be a message of a user. */
          mayBeMessage?: boolean;
          /** @enum {unknown} */
          reason?:
            | 'not_json'
            | 'wrong_shape'
            | 'unknown_object'
            | 'unknown_field'
            | 'unknown_event'
            | 'not_a_receipt'
            | 'parse_failed';
          /** @description Only those of which something gave no receipt; implied by the two below. */
          remarked?: boolean;
          /**
           * Format: date-time
           * @description From this time on.
           */
          since?: string;
          /**
           * Format: date-time
           * @description Before this time.
           */
          until?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RereadMany'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getReceipts: {
    parameters: {
      query?: {
        channelId?: string;
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 50 when left out. */
        limit?: number;
        /** @description The channel's id of the message; a template's code for audits. */
        messageId?: string;
        senderId?: string;
        /** @description From this time on. */
        since?: string;
        type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
        /** @description Before this time. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Receipt'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getReceipt: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        receiptId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Timeline'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getReceiptPayload: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        receiptId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Payload'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSandboxInbound: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        senderId: string;
      };
      cookie?: never;
    };
    /** @description As of POST /sandbox/<sender>/inbound and /status; docs/sandbox.md lists the members. */
    requestBody: {
      content: {
        'application/json': {
          [key: string]: unknown;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Played'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSandboxStatus: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        senderId: string;
      };
      cookie?: never;
    };
    /** @description As of POST /sandbox/<sender>/inbound and /status; docs/sandbox.md lists the members. */
    requestBody: {
      content: {
        'application/json': {
          [key: string]: unknown;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Played'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSearch: {
    parameters: {
      query: {
        /** @description A user’s number or id, the id of a message, a receipt or a task; or the beginning of the id or name of a template, a channel, a sender or a queue, or of a callback URL. */
        q: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Up to 5 of each kind. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Lookup'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Uid of the account; the first one when left out. */
          account?: string;
          /**
           * @description Of the authenticator app.
           * @example 123456
           */
          code?: string;
          /** @description Keep the session of another account that this browser uses, to switch back to; it ends when left out. */
          keep?: boolean;
          keyId?: string;
          keySecret?: string;
          /**
           * @description Letters and digits of any language and . _ @ + -; upper and lower case are the same.
           * @example ana@example.com
           * @example 李雷
           */
          name?: string;
          /**
           * @description In the place of a password that is good for one sign-in.
           * @example correct horse battery
           */
          newPassword?: string;
          password?: string;
          /** @description One of the recovery codes, in the place of a code of the app; it is used up. */
          recoveryCode?: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. `code_required`: The code of the authenticator app is needed as well. `password_over`: The password was for one sign-in: a new one is needed as well. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. `company_only`: Passwords sign nobody in here: use the sign-in of the company. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteSessionAll: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionCompany: {
    parameters: {
      query?: {
        /** @description Keep the session of another account that this browser uses, to switch back to; it ends when left out. */
        keep?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CompanySignIn'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `sign_in_unavailable`: The company's provider does not answer. Try again later. `sign_in_untrusted`: What the company's provider answered does not hold. The log says why. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionCompanyFinish: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. `sign_in_over`: That sign-in was not begun in this browser, was used, or is over. Begin again. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSessionCompanyReturn: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The console, with `sign_in`: `done`, whereupon it calls `POST /session/company/finish`, or the code of what went wrong. */
      303: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionPassword: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description At least 12 characters, and none of those that are guessed first.
           * @example correct horse battery
           */
          newPassword: string;
          password: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. `wrong_password`: The password or the code is wrong. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionSetup: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          keyId: string;
          keySecret: string;
          /**
           * @description Letters and digits of any language and . _ @ + -; upper and lower case are the same.
           * @example ana@example.com
           * @example 李雷
           */
          name: string;
          /**
           * @description At least 12 characters, and none of those that are guessed first.
           * @example correct horse battery
           */
          password: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionSwitch: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Uid of an account of `others`. */
          account: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionTotp: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          password: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CodeSecret'];
        };
      };
      /** @description `bad_request`: The request is not understood. `wrong_password`: The password or the code is wrong. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionTotpConfirm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Of the authenticator app.
           * @example 123456
           */
          code: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RecoveryCodes'];
        };
      };
      /** @description `bad_request`: The request is not understood. `wrong_password`: The password or the code is wrong. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionTotpRecoveryCodes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          password: string;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RecoveryCodes'];
        };
      };
      /** @description `bad_request`: The request is not understood. `wrong_password`: The password or the code is wrong. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSessionTotpRemove: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          password: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. `wrong_password`: The password or the code is wrong. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Setting'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSetting: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          value: string | number | boolean;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Setting'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postSettingReset: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Setting'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getTail: {
    parameters: {
      query?: {
        channelId?: string;
        senderId?: string;
        type?: 'ChatAppInbound' | 'ChatAppStatus' | 'ChatAppAudit';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events `ready` (what is recorded from now on is told), `receipt` (a Receipt as JSON), `skipped` (more came than is shown) and `bye`. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getTemplates: {
    parameters: {
      query?: {
        channelId?: string;
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 50 when left out. */
        limit?: number;
        /** @description A part of the name. */
        name?: string;
        status?: 'pass' | 'fail' | 'auditing' | 'unaudit' | 'disabled' | 'paused';
        type?: 'WHATSAPP' | 'VIBER';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Template'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getUnrouted: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description 50 when left out. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Unrouted'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getUsers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['User'][];
            /** @description Cursor of the next page, or null. */
            next: string | null;
          };
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  postUsers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Letters and digits of any language and . _ @ + -; upper and lower case are the same.
           * @example ana@example.com
           * @example 李雷
           */
          name: string;
          /**
           * @description At least 12 characters, and none of those that are guessed first.
           * @example correct horse battery
           */
          password: string;
          /** @enum {unknown} */
          role: 'viewer' | 'operator' | 'owner';
        };
      };
    };
    responses: {
      /** @description Success. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `conflict`: That name is taken. `limit_reached`: There are as many of these as there may be. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteUser: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `last_one`: It is the last one, and one is needed. `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  patchUser: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the version to be changed; any other is answered 412. */
        'if-match'?: string;
      };
      path: {
        userId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description At least 12 characters, and none of those that are guessed first.
           * @example correct horse battery
           */
          password?: string;
          /** @enum {unknown} */
          role?: 'viewer' | 'operator' | 'owner';
          /** @enum {unknown} */
          state?: 'active' | 'disabled';
          /**
           * @description Takes the authenticator app away, for a user who lost it.
           * @enum {boolean}
           */
          totp?: false;
        };
      };
    };
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found`: There is no such thing here. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_slow`: The request came too slowly. Try again. */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `last_one`: It is the last one, and one is needed. `wrong_state`: As things stand, that cannot be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `changed_meanwhile`: Somebody changed it meanwhile; nothing was changed. */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload_too_large`: The body is larger than this address takes. */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported_media_type`: Send the body as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. `too_many`: There are too many of these at once. Try again later. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. `overloaded`: Too many requests with large bodies are under way. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getWorkers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Success. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Workers'];
        };
      };
      /** @description `bad_request`: The request is not understood. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthorized`: An access key id and its secret are needed. `wrong_credentials`: What was given to sign in with is wrong. `session_over`: The session is over. Sign in again. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: Who asks may not do that. `foreign_page`: The request does not come from the console. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `too_many_tries`: Too many tries failed. Try again later. `rate_exceeded`: Too many requests in a second. Wait a moment. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`: Something went wrong inside. The log holds the reason. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `store_unavailable`: The store cannot commit right now. Try again later. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
