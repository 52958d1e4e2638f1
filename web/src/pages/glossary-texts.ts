/** A word of the console, and what it means to a reader who has never met it. */
interface Term {
  /** Names the word in an address: `/console/glossary#lane`. */
  readonly id: string;
  readonly word: string;
  readonly meaning: string;
}

interface Group {
  readonly title: string;
  readonly terms: readonly Term[];
}

const en: readonly Group[] = [
  {
    title: 'Messages and receipts',
    terms: [
      {
        id: 'mt',
        word: 'MT message',
        meaning: 'Mobile terminated: a message that your business sends to a user.',
      },
      {
        id: 'mo',
        word: 'MO message',
        meaning: 'Mobile originated: a message that a user sends to your business.',
      },
      {
        id: 'receipt',
        word: 'Receipt',
        meaning:
          'Something that happened and that your systems are told: a status of an MT message, an MO message, or a review. It is recorded once and never changed; whenever it is handed on again, it carries the same receipt ID.',
      },
      {
        id: 'mt-receipt',
        word: 'MT receipt',
        meaning:
          'What became of an MT message: sent, delivered, read or failed. CAMS calls the type ChatAppStatus.',
      },
      {
        id: 'audit-receipt',
        word: 'Audit receipt',
        meaning:
          'What a vendor decided about a template, a number or an account. CAMS calls the type ChatAppAudit.',
      },
      {
        id: 'raw-event',
        word: 'Raw event',
        meaning:
          'The bytes that a channel posted, untouched. They are kept for a time, so that what is not understood today can be read again later.',
      },
      {
        id: 'template',
        word: 'Template',
        meaning:
          'A text that the vendor has reviewed. A business may begin a conversation with it; anything else is an answer to a user.',
      },
      {
        id: 'outcome-unknown',
        word: 'Outcome unknown',
        meaning:
          'The channel did not answer when the message was sent, so it may have gone out or not. It is not sent again blindly: a status that comes, or the end of a wait, decides.',
      },
    ],
  },
  {
    title: 'Where receipts come from and go to',
    terms: [
      {
        id: 'channel',
        word: 'Channel',
        meaning:
          'One connection to a vendor: a WhatsApp Business Account, a Page, a professional account, a Viber service. CAMS calls its ID CustSpaceId.',
      },
      {
        id: 'sender',
        word: 'Sender',
        meaning:
          'The identity that users write to: a phone number, a Page, a professional account or a service ID.',
      },
      {
        id: 'webhook-settings',
        word: 'Webhook settings',
        meaning:
          'Which receipts of a sender are recorded, and where they go: to callback URLs, to queues, or to both.',
      },
      {
        id: 'callback-url',
        word: 'Callback URL',
        meaning: 'An address of yours to which receipts are POSTed. Several senders can share one.',
      },
      {
        id: 'queue',
        word: 'Queue',
        meaning: 'Where receipts wait until your system pulls them with an SMQ (MNS) client.',
      },
      {
        id: 'sandbox',
        word: 'Sandbox and simulator',
        meaning: 'A channel without a vendor, on which you play the end user. Nothing on it reaches a phone.',
      },
    ],
  },
  {
    title: 'On the way',
    terms: [
      {
        id: 'delivery',
        word: 'Delivery',
        meaning: 'One receipt on its way to one callback URL, with all of its tries.',
      },
      {
        id: 'pushed',
        word: 'Pushed',
        meaning: 'POSTed to a callback URL. Whether it was taken is said by the answer.',
      },
      {
        id: 'acknowledged',
        word: 'Acknowledged',
        meaning:
          'The callback URL answered that it has the receipt: with any 2xx under the preset standard, with 200 and code 0 under the preset cams. Only then is a delivery done.',
      },
      {
        id: 'lane',
        word: 'Lane',
        meaning:
          'What has to arrive in order: the statuses of one message, the messages of one user, the reviews of one template. One lane never holds up another.',
      },
      {
        id: 'waits-its-turn',
        word: 'Waits its turn',
        meaning: 'An earlier receipt of the same lane has not been acknowledged yet.',
      },
      {
        id: 'given-up',
        word: 'Given up',
        meaning:
          'The last try of the schedule failed, or somebody gave the delivery up. The receipt is kept, and the delivery can be replayed.',
      },
      {
        id: 'replay',
        word: 'Replay',
        meaning:
          'Push again what is over. The receiver sees the same webhook-id, so that it can tell a repeat from something new.',
      },
      {
        id: 'failing',
        word: 'Failing',
        meaning:
          'A callback URL that failed many times in a row is only probed: one delivery at a time, until one is acknowledged. The others wait and lose none of their tries.',
      },
      {
        id: 'switched-off',
        word: 'Switched off',
        meaning:
          'Nothing is pushed to the callback URL. Its receipts are kept and go on once it is switched on.',
      },
      {
        id: 'not-wanted',
        word: 'Not wanted',
        meaning:
          'The settings changed after the receipt came, and no longer want it at this callback URL. It stands still until they do again, or until it is given up.',
      },
      {
        id: 'preset',
        word: 'Preset',
        meaning:
          'How a callback URL is pushed to: the time limit, which answers acknowledge, and when tries follow.',
      },
    ],
  },
];

const zh: readonly Group[] = [
  {
    title: '消息与回执',
    terms: [
      { id: 'mt', word: 'MT 消息', meaning: '下行消息（Mobile Terminated）：业务方发给用户的消息。' },
      { id: 'mo', word: 'MO 消息', meaning: '上行消息（Mobile Originated）：用户发给业务方的消息。' },
      {
        id: 'receipt',
        word: '回执',
        meaning:
          '已发生并需要告知您系统的事情：MT 消息的状态、MO 消息或审核结果。回执只记录一次且不会改变；再次投递时，回执 ID 不变。',
      },
      {
        id: 'mt-receipt',
        word: 'MT 回执',
        meaning: 'MT 消息的结果：已发送、已送达、已读或失败。CAMS 中的类型为 ChatAppStatus。',
      },
      {
        id: 'audit-receipt',
        word: '审核回执',
        meaning: '服务商对模板、号码或账号的审核结果。CAMS 中的类型为 ChatAppAudit。',
      },
      {
        id: 'raw-event',
        word: '原始事件',
        meaning: '通道推送的原始字节，保留一段时间，以便日后重新读取目前无法识别的内容。',
      },
      {
        id: 'template',
        word: '模板',
        meaning: '经服务商审核的文本。业务方可以用它发起对话；其他消息只能用于回复用户。',
      },
      {
        id: 'outcome-unknown',
        word: '结果未知',
        meaning:
          '发送时通道没有响应，消息可能已发出，也可能没有。服务不会盲目重发，而是由之后的状态或等待期限决定。',
      },
    ],
  },
  {
    title: '回执的来源与去向',
    terms: [
      {
        id: 'channel',
        word: '通道',
        meaning:
          '与服务商的一个连接：WhatsApp Business 账号、公共主页、专业账号或 Viber 服务。CAMS 中称为 CustSpaceId。',
      },
      {
        id: 'sender',
        word: '发送方',
        meaning: '用户向其发送消息的身份：电话号码、公共主页、专业账号或服务 ID。',
      },
      {
        id: 'webhook-settings',
        word: 'Webhook 设置',
        meaning: '记录发送方的哪些回执，以及投递到哪里：回调地址、队列，或两者。',
      },
      { id: 'callback-url', word: '回调地址', meaning: '接收回执 POST 请求的地址，可由多个发送方共用。' },
      { id: 'queue', word: '队列', meaning: '回执在此等待，由您的系统用 SMQ（MNS）客户端拉取。' },
      {
        id: 'sandbox',
        word: '沙箱与模拟器',
        meaning: '不连接服务商的通道，由您扮演用户；其中的内容不会到达任何手机。',
      },
    ],
  },
  {
    title: '投递过程',
    terms: [
      { id: 'delivery', word: '投递', meaning: '一条回执发往一个回调地址的过程，包含全部尝试。' },
      { id: 'pushed', word: '推送', meaning: '向回调地址发出 POST 请求；是否被接受，由响应说明。' },
      {
        id: 'acknowledged',
        word: '已确认',
        meaning:
          '回调地址的响应表示已收到回执：standard 方式为任意 2xx，cams 方式为状态 200 且 code 为 0。确认后投递才算完成。',
      },
      {
        id: 'lane',
        word: '顺序通道（lane）',
        meaning: '需要按顺序到达的内容：同一消息的状态、同一用户的消息、同一模板的审核。不同的顺序互不影响。',
      },
      { id: 'waits-its-turn', word: '排队等待', meaning: '同一顺序中更早的回执尚未被确认。' },
      {
        id: 'given-up',
        word: '已放弃',
        meaning: '最后一次尝试失败，或由人员放弃。回执仍然保留，投递可以重放。',
      },
      {
        id: 'replay',
        word: '重放',
        meaning: '再次推送已结束的投递。接收方会看到相同的 webhook-id，可以据此识别重复。',
      },
      {
        id: 'failing',
        word: '故障，探测中',
        meaning:
          '回调地址连续多次失败后只进行探测：每次一条投递，直到有一条被确认。其他投递等待，且不消耗尝试次数。',
      },
      {
        id: 'switched-off',
        word: '已关闭',
        meaning: '不向该回调地址推送；其回执会保留，重新开启后继续投递。',
      },
      {
        id: 'not-wanted',
        word: '不再需要',
        meaning: '回执到达之后设置发生了变化，不再需要推送到该回调地址。恢复设置后继续，也可以放弃。',
      },
      {
        id: 'preset',
        word: '推送方式',
        meaning: '向回调地址推送的方式：响应时限、怎样的响应算确认，以及重试的时间。',
      },
    ],
  },
];

/** The words of the console by subject, in each language. */
export const glossary: Readonly<Record<'en' | 'zh', readonly Group[]>> = { en, zh };
