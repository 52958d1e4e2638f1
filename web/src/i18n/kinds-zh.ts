/**
 * What kinds of messages are called in Chinese; in English they are called by the words that the service has for them. A test holds this
 * to the service's own list.
 */
const kindsZh: Readonly<Record<string, string>> = {
  text: '文字',
  image: '图片',
  video: '视频',
  audio: '音频',
  document: '文件',
  sticker: '贴纸',
  location: '位置',
  contacts: '联系人',
  reply: '按钮回复',
  interactive: '交互消息',
  order: '订单',
  reaction: '表情回应',
  edit: '编辑',
  revoke: '撤回',
  share: '分享',
  referral: '引荐',
  optin: '订阅授权',
  feedback: '反馈',
  system: '系统消息',
  unsupported: '不支持的类型',
  echo: '企业在别处发送的消息',
  payment: '付款',
  call: '通话',
  group: '群组',
  comment: '评论',
  mention: '提及',
  client_status: '设备状态',
  template: '模板',
};

/** What a kind of message is called in the reader's language; one that has no name there, by the service's word. */
export function toKindText(kind: string, language: 'en' | 'zh'): string {
  return language === 'zh' && Object.hasOwn(kindsZh, kind) ? (kindsZh[kind] ?? kind) : kind;
}
