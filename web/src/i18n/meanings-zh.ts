/**
 * What each setting means in Chinese, by its key. In English the service tells it from its own table of settings; a test
 * holds this one to that: the same settings, and the same names and numbers in each.
 */
export const meaningsZh: Readonly<Record<string, string>> = {
  host: '监听地址；0.0.0.0 表示所有地址。',
  port: 'SMQ、Webhook、控制台、API、健康检查和指标使用的端口；0 表示任选一个空闲端口。',
  adminPort: '控制台、API、健康检查和指标单独使用的端口；0 表示与 PORT 共用。',
  dataDir: '内嵌存储及其媒体文件和主密钥所在的文件夹。',
  databaseUrl:
    '各节点共用的 PostgreSQL 数据库，写作 postgres://user:password@host:port/name，有多台主机时写作 @a:5432,b:5432/name，使用其中可写入的一台；未设置时使用 DATA_DIR 中的内嵌存储。需要同时设置 MASTER_KEY。',
  databaseConnections: '本进程最多打开的 DATABASE_URL 连接数，另有一个连接用于监听通知。',
  masterKey:
    '加密所存机密的密钥：32 字节，以十六进制或 Base64 表示。未设置时，首次启动会在 DATA_DIR 中生成。',
  bucket:
    '保存媒体文件的 S3 兼容对象存储桶；未设置时存放在 DATA_DIR 或数据库中。需要同时设置 S3_ACCESS_KEY_ID 和 S3_SECRET_ACCESS_KEY。',
  bucketEndpoint: '对象存储的地址；未设置时使用 S3_REGION 区域的 Amazon S3。',
  bucketRegion: '存储桶所在区域。',
  bucketPrefix: '加在每个对象名称之前的前缀，例如 chasqui/。',
  bucketKeyId: '可读取、写入和删除桶内对象的密钥 ID。',
  bucketKeySecret: '该密钥的 Secret。',
  publicUrl: '外部访问本服务所用链接的基础地址；未设置时使用监听地址。',
  trustProxy: '采信其 X-Forwarded-* 请求头的代理：地址或 CIDR 网段，以逗号分隔。',
  tlsCertFile:
    'PEM 格式的证书链，用于不经代理直接提供 HTTPS；文件变化后会重新读取。需要同时设置 TLS_KEY_FILE。',
  tlsKeyFile: 'TLS_CERT_FILE 对应的 PEM 格式私钥。',
  rootAccountId: '首个账号的 ID；未设置时随机生成。仅在存储中尚无账号时读取。',
  rootAccessKeyId: '首个账号的 AccessKey ID；未设置时随机生成，仅在存储中尚无账号时读取。',
  rootAccessKeySecret: '首个账号的 AccessKey Secret；未设置时随机生成，仅在存储中尚无账号时读取。',
  egressProxy:
    '访问回调地址和服务商所经的 HTTP 代理（CONNECT），EGRESS_ALLOW 所列地址除外；格式 http://用户:密码@主机:端口。',
  egressProxyNames:
    '使用 CHASQUI_EGRESS_PROXY 时由谁解析域名：here 为本服务，代理只收到检查过的地址；proxy 为代理，此时须由代理阻止访问内网。',
  egressAllow: '允许回调访问的内网或本机地址：地址或 CIDR 网段，以逗号分隔。',
  logLevel: '输出日志的最低级别：debug、info、warn、error 或 silent。',
  logFile: '日志追加写入的文件；未设置时写到标准输出。收到 SIGHUP 时重新打开。',
  logFileMegabytes: '文件达到该大小时改名为 .1 并新建一个；0 表示交给其他程序处理，例如 logrotate。',
  logFiles: '保留多少个改名后的文件；超出时最旧的被删除。',
  otlpEndpoint:
    '链路追踪和指标以 OTLP（HTTP）发往的基础地址，例如 http://collector:4318；未设置时不加载任何 OpenTelemetry 代码。',
  otlpProtocol: '发送方式。只有 http/protobuf，采集器在 4318 端口接收。',
  otlpHeaders: '这些请求的请求头，写作 name=value，以逗号分隔，值采用百分号编码。',
  otlpCompression: '请求正文的压缩方式：none 或 gzip。',
  otlpTimeoutMs: '一次请求连同其全部重试的时限。',
  otlpTraces: '是否发送链路追踪：otlp 或 none。',
  otlpMetrics: '是否发送指标：otlp 或 none。',
  otlpMetricsEveryMs: '发送指标的间隔。',
  otlpSampler:
    '发送哪些链路：parentbased_always_on、parentbased_always_off、parentbased_traceidratio、always_on、always_off 或 traceidratio。以 parentbased_ 开头的，在请求方带有 traceparent 时以其为准。',
  otlpSamplerRatio: '按比例采样时发送的链路所占份额，从 0 到 1。',
  otlpServiceName:
    '本服务在那里的名称；未设置时用 OTEL_RESOURCE_ATTRIBUTES 中的 service.name，若也没有则为 chasqui。',
  otlpResource: '对本服务的其他说明，写作 name=value，以逗号分隔，值采用百分号编码。',
  maxConnections: '同时打开的连接数上限；超出的连接会被拒绝。',
  requestTimeoutSeconds: '客户端发送完整个请求的时限。',
  idleTimeoutSeconds: '两次请求之间保持连接的时间。',
  accountRequestsPerSecond: '未另行设置限额的账号，在每个节点上每秒可用密钥发出的请求数；0 表示不限。',
  accountQueuedMessages:
    '未另行设置限额的账号，其队列中的消息达到此数后不能再发送；回执仍会照常放入。0 表示不限。',
  accountStoredMegabytes:
    '未另行设置限额的账号，其文件占用的磁盘空间达到此数后不能再上传；用户发来的文件仍会照常获取。0 表示不限。',
  rawRetentionDays: '通道推送的原始内容的保留时间。',
  receiptRetentionDays: '回执和投递的保留时间。通道会在最长 7 天内重复推送事件，因此至少为 8 天。',
  attemptRetentionDays: '投递尝试记录的保留时间。',
  unreadableRetentionDays: '因损坏而无法读取、已单独存放的行的保留时间。',
  batchKilobytes: '一次 POST 中多条回执合计的大小；更大的批次分成多次发送。',
  bodyBudgetMegabytes:
    '正在接收的请求正文合计可占用的内存；用尽后，最早的、发送方尚未证实的请求以 503 应答。',
  bodyMegabytesPerAddress:
    '其中，同一地址（或 64 位的 IPv6 网段）发送方尚未证实的请求正文合计可占用的内存；超出时对其最早的请求返回 503。单个请求正文不会因此被拒绝；TRUST_PROXY 不受此限，其后的地址各自计算；0 表示不限。',
  mediaBudgetMegabytes:
    '媒体文件可用的磁盘空间；用尽后暂停获取并发出通知。有多个账号时，最后四分之一保留给占用不到 32 分之一的账号。',
  mediaMaxMegabytes: '可获取的最大媒体文件。',
  mediaLinkDays: '媒体链接的有效期，文件也保留同样长的时间。',
  uploadDays: '业务方为模板和消息上传的文件的保留时间。',
  mediaWaitSeconds: '读取媒体时，若文件尚未获取完成，最多等待的时间。',
  breakerFailures: '连续失败多少次后停止向该回调地址正常推送，仅进行探测。',
  breakerSeconds: '上述连续失败至少要持续的时间。',
  probeSeconds: '对故障回调地址的探测间隔。',
  pushConcurrency: '向所有回调地址同时进行的 POST 请求数上限。',
  operatorUrl: '以 JSON 形式接收运维通知的 URL。',
  operatorUrlSecret: '为上述 POST 签名的密钥，写作 whsec_ 加 Base64；未设置时不签名。',
  operatorMail: '接收运维通知邮件的地址，以逗号分隔。需要同时设置 CHASQUI_SMTP_URL。',
  operatorSlackUrl: '接收运维通知的 Slack 频道的 Incoming Webhook。',
  operatorDingtalkUrl: '向钉钉群发送运维通知的机器人的 Webhook。',
  operatorDingtalkSecret: '该机器人的安全设置为加签时的密钥，即 SEC 及其后的内容。',
  operatorTeamsUrl: '向频道发送运维通知的 Microsoft Teams 工作流的 Webhook。',
  operatorPagerdutyKey: '由运维通知触发和解决告警的 PagerDuty 服务的 Routing Key。',
  operatorSeverity: '通知运维人员的最低级别：info、warning、error 或 critical。',
  operatorLanguage: '通知运维人员所用的语言：en 或 zh。',
  smtpUrl:
    '发送通知的邮件服务器，写作 smtp://user:password@host:587，或以 smtps:// 表示从一开始就使用 TLS；未设置时不发送邮件。需要同时设置 CHASQUI_MAIL_FROM。',
  smtpTls: '邮件服务器不支持 TLS 时，拒绝使用（required），还是以明文通信（offered）。',
  mailFrom: '发送通知邮件的发件地址。',
  undeliveredAlarmMinutes: '某个回调地址最早的未送达回执等待多久后发出通知。',
  smqMaxWaiting: '同时等待的长轮询数上限；超出的请求直接返回没有消息。',
  smqBatchSendFaultStatus: '批量发送中部分消息失败时的 HTTP 状态码；Alibaba Cloud 文档未说明。',
  smqBatchDeleteFaultStatus: '批量删除中部分句柄失败时的 HTTP 状态码；Alibaba Cloud 文档未说明。',
  smqMissingAuthorizationStatus: 'SMQ 请求缺少 Authorization 时的 HTTP 状态码；旧版服务返回 403。',
  camsBusinessErrorStatus:
    'InvalidParameter.ContentError 等 CAMS 错误的 HTTP 状态码，错误码在响应体中；Alibaba Cloud 文档未说明。',
  camsMassMessageId: '群发消息回执中的 MessageId：每个接收人各有一个，或全部使用同一个 GroupMessageId。',
  strictTypes: '是否将 Alibaba Cloud 文档中没有的用户消息类型，转换为最接近的已有类型，供旧版消费程序使用。',
  camsOncePerTask: '同一 TaskId 无论请求多少次，是否只向一个接收人发送一条消息；适用于会重复发送的调用方。',
  camsCallbackTries:
    '通过 CAMS 操作设置的回调地址的尝试方式：long 按 standard 预设的计划重试，cloud 与云服务相同，六分钟内共三次。',
  camsThrottles: '调用频率超过 Alibaba Cloud 文档所列限制时，是否以 Throttling.User 拒绝。',
  nonceMax:
    '每个节点在存储中保留的 CAMS 请求签名随机数上限；每个随机数 30 分钟后清除。超出的请求以 Throttling 拒绝。最后四分之一保留给用量不到 32 分之一的账号。',
  sendTtlSeconds: '消息未指定有效期时，须在此时间内发出，否则放弃。',
  sendRate: '每个节点上，一个发送方每秒提交给通道的消息数。',
  sendConcurrency: '每个节点上，一个发送方同时进行的发送请求数上限。',
  sendUnknownSeconds: '发送请求未得到响应的消息等待状态的时间。',
  sendUnknownThen: '上述等待结束后的处理方式：按失败放弃，或重新发送（可能重复发送）。',
  statusHoldSeconds:
    '同一发送方有发送请求尚未返回通道消息 ID 时，未知消息的状态最多等待多久；0 表示不等待，直接作为未匹配的状态投递。',
  smsGatewayUrl: '每条触发短信回落的消息会 POST 到此 URL；未设置时，带短信回落的发送会被拒绝。',
  smsGatewaySecret: '为上述 POST 签名的密钥，写作 whsec_ 加 Base64；未设置时不签名。',
  sendPairMilliseconds:
    '每个节点上，一个 WhatsApp 号码连续发出 45 条消息后，向同一接收人发送相邻两条消息的间隔；0 表示不限。',
  portalAncestors:
    '可在框架中嵌入门户页面的来源，例如 https://crm.example.com，多个来源用逗号分隔；未设置时不允许嵌入。',
  sessionIdleMinutes: '控制台会话闲置多久后结束。',
  sessionHours: '控制台会话最长持续时间，无论使用多频繁。',
  templateReviewSeconds: '沙箱或 Viber 模板通过审核前的审核时间。',
  channelCheckHours: '向服务商检查每个通道的间隔，丢失的 Webhook 会重新订阅；0 表示从不检查。',
  templateListHours: '每隔多久列出并导入各通道在服务商处的模板；0 表示从不。检查或订阅通道时也会列出。',
  tokenNoticeDays: '令牌到期前多久发出 token_ending 通知。',
  graphUrl: 'Graph API 的基础地址；可指向模拟器。',
  instagramUrl: '使用 Instagram 自身登录的账号的 Graph API 基础地址；可指向模拟器。',
  graphVersion: 'Graph API 的版本。',
  viberBotUrl: 'Viber 机器人 API 的基础地址；可指向模拟器。',
  viberBusinessUrl: 'Viber Business Messages 的基础地址：Viber、聚合服务商或模拟器的地址。',
  checkAtStart: '使用内嵌存储前如何检查它：quick（各页）、full（还有各行和索引）或 off（不检查）。',
  upgradeCopy: '新版本打开内嵌存储之前先复制并检查该存储；副本保留到下一次升级。',
  backupEvery: '内嵌存储自动备份的间隔，例如 30m、6h 或 1d；0 表示不备份。需要 CHASQUI_BACKUP_TO。',
  backupTo:
    '这些备份的存放位置，只供本服务使用：文件夹的完整路径，或 s3://bucket/prefix/（地址和密钥取自 S3_ENDPOINT、S3_REGION、S3_ACCESS_KEY_ID 和 S3_SECRET_ACCESS_KEY，媒体文件须在 S3_BUCKET 中）。',
  backupKeep: '保留多少个备份；较新的备份通过检查后才删除最旧的。',
  newStore: '即使数据文件夹里有属于另一个存储的主密钥或媒体文件，也以空的存储重新开始。',
  maxConnectionsPerAddress:
    '同一地址（IPv6 按 64 位网段）同时打开的连接数；TRUST_PROXY 不受此限；0 表示不限。',
  maxUnsentMegabytes: '客户端尚未读取的应答可占用的内存，其中未出示密钥的客户端占四分之一。',
  mediaConcurrency: '每个节点同时获取的媒体文件数；一个账号最多占四分之一，一个渠道最多占八分之一。',
  smqMaxWaitingPerAccount: '其中一个账号的长轮询数。',
  tailReaders: '每个节点上实时回执流的同时读取者数；超出的会被告知稍后再来。',
  tailReadersPerAccount: '其中一个账号的读取者数。',
  consoleUrl:
    '浏览器访问控制台的地址（不含 /console）：企业登录完成后返回此处，通知中的链接指向此处；若为 https，控制台的 Cookie 只经 HTTPS 发送。未设置时用 PUBLIC_URL；设有 ADMIN_PORT 时则视为未知，此时企业登录必须填写。',
  oidcIssuer:
    '企业人员登录控制台所用的 OpenID Connect 提供方，须与其 issuer 完全一致；未设置时没有企业登录。需要 CHASQUI_OIDC_CLIENT_ID。',
  oidcClientId: '本服务在该提供方处的客户端 ID。',
  oidcClientSecret: '该客户端的密钥；仅由 PKCE 保护的公共客户端不需要。',
  oidcScopes: '登录时请求的 scope，用空格分隔，须包含 openid。',
  oidcRoleClaim:
    '说明角色的声明：一个文本或文本列表，写其名称或路径，如 realm_access.roles。每次登录时重新向提供方查询。',
  oidcOwners: '该声明中使人成为所有者的值，用逗号分隔。有多个角色时取最高的；没有角色的人不能登录。',
  oidcOperators: '该声明中使人成为操作员的值。',
  oidcViewers: '该声明中使人成为查看者的值。',
  oidcNameClaim: '新用户取名所用的声明；名称已被占用或不合规则时另取一个。身份只以 subject 为准。',
  oidcAccount: '企业人员登录的账号 ID；未设置时为首个账号。',
  oidcLabel: '按钮上的文字；未设置时用控制台自身的文字，随读者的语言而定。',
  oidcOnly:
    '是否不再允许用密码登录。AccessKey 仍可登录，chasqui users reset 生成的密码也可以，每个只能用一次。',
};
