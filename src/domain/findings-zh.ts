/**
 * What the service finds, in Chinese, by its codes. In English it tells that itself; a test holds these to its own tables:
 * the same codes, and the same values to fill in.
 */
export const findingsZh = {
  checkNames: {
    senders: '发送方',
    appSecret: '应用密钥（appSecret）',
    verifyToken: '验证令牌（verifyToken）',
    accessToken: '访问令牌（accessToken）',
    authToken: '认证令牌（authToken）',
    publicUrl: '公网地址',
    token: '令牌有效性',
    permissions: '权限',
    callback: '回调',
    app: 'Meta 应用',
    webhook: 'Webhook 订阅',
    fields: '订阅字段',
    numbers: '电话号码列表',
    number: '电话号码',
    protection: '回调保护',
    templates: '模板',
    Previous: '（旧密钥）',
  },
  checks: {
    senders_added: '已添加 {count} 个。',
    no_sender: '请添加发送方：来自未登记发送方的事件会一直等待，无法路由。',
    old_secret_endless: '旧密钥仍然有效，且没有截止时间；通过轮换可设定截止时间。',
    old_secret_taken: '旧密钥在 {until} 之前仍然有效。',
    old_secret_over: '旧密钥已于 {until} 失效。',
    is_set: '已设置。',
    app_secret_shaped: '格式正确。',
    app_secret_misshaped: 'Meta 的应用密钥为 32 位十六进制，当前值不符合。',
    verify_token_missing: '请设置验证令牌，并与地址一起提供给 Meta。',
    access_token_missing: '未设置，无法获取媒体文件。',
    address_public: '在 {publicUrl} 接收事件。',
    address_private:
      '在 {publicUrl} 接收事件。服务商只向公网 https 地址推送：请将 PUBLIC_URL 设为您的公网地址。模拟器可以使用此地址。',
    callback_inside: '地址指向内网，未作尝试。',
    callback_unreachable: '从本服务无法访问 {url}：{reason}。渠道方同样无法访问。',
    callback_answers: '回调已正确应答握手。',
    callback_takes_events: '回调可接收 Viber 的事件。',
    callback_takes_none: '{url} 对按 Viber 方式签名的事件返回 {status}。',
    callback_wrong: '{url} 对握手返回 {status}，且未回传 challenge。',
    vendor_silent: '未得到服务商的有效答复，请稍后重试。服务商信息：{said}',
    vendor_said: '服务商拒绝了请求：{said}',
    delivery_died:
      '{host} 的回调在 {tries} 次尝试后仍未接受某条回执（最近一次：{outcome}）。该回执已保留，可以重放。',
    token_refused: '访问令牌被拒绝，请换用有权使用该 WABA 的系统用户的新访问令牌。服务商信息：{said}',
    token_absent: '通道没有访问令牌（accessToken），请填入有权使用该 WABA 的系统用户的令牌。',
    token_invalid: '访问令牌无效，请换用有权使用该 WABA 的系统用户的新令牌。',
    token_invalid_said: '访问令牌无效，请换用有权使用该 WABA 的系统用户的新令牌。服务商信息：{said}',
    token_endless: 'Meta 接受该访问令牌，且永不过期。',
    token_until: 'Meta 接受该访问令牌，有效期至 {end}。系统用户的令牌可以永不过期。',
    token_accepted: '令牌有效。',
    token_renewed: '令牌有效。Instagram 登录的令牌有效期为 60 天，本服务会及时续期。',
    token_renewed_once:
      '令牌有效。Instagram 登录的令牌有效期为 60 天，本服务会及时续期；首次续期之前无法得知其到期时间。',
    token_expired: '访问令牌已过期或被撤销，请生成新令牌。服务商信息：{said}',
    permissions_there: '令牌具备所需权限。',
    permissions_missing: '令牌缺少权限 {missing}。请生成具备 {needed} 权限的令牌。',
    permission_refused: '缺少权限；令牌需要 {needed}。服务商信息：{said}',
    app_secret_absent: '通道没有应用密钥（appSecret），无法验证任何 Webhook。',
    app_secret_right: '应用密钥与令牌所属的应用一致。',
    app_secret_wrong: '应用密钥与令牌所属的应用不一致。请从 App settings → Basic 复制。',
    app_secret_refused: '应用密钥与令牌所属的应用不一致。服务商信息：{said}',
    proof_refused:
      '请核对应用密钥（appSecret）；如果应用要求 proof，请设置选项 appSecretProof。服务商信息：{said}',
    waba_refused: '请求被拒绝，请核对通道的 wabaId。服务商信息：{said}',
    waba_unsubscribed: '应用未订阅该 WABA，不会收到任何事件。请订阅该通道。',
    waba_elsewhere: '该 WABA 的事件被推送到其他地址。请订阅该通道。',
    waba_uncertain: '应用已订阅，但无法读取其回调地址。请订阅该通道以确保无误。',
    waba_app_elsewhere: '应用将 WhatsApp 事件推送到其他地址。请订阅该通道。',
    waba_subscribed: '该 WABA 的事件会推送到本服务。',
    number_unknown: '该 WABA 中没有 ID 为 {routeId} 的号码。可用“查找发送方”查询 ID。',
    number_other: 'ID {routeId} 对应的号码是 {number}。',
    number_nameless: 'ID {routeId} 对应的是另一个号码。',
    number_connected: '已连接。',
    number_unwell: 'Meta 显示其状态为 {status}。请在 WhatsApp Manager 的 Phone numbers 中查看。',
    app_nowhere: '应用尚未推送任何事件。请在 {place} 中填入 {url} 和验证令牌。',
    app_elsewhere: '应用将事件推送到其他地址。请在 {place} 中填入 {url} 和验证令牌。',
    templates_listed: '服务商处共有 {count} 个模板；新导入 {made} 个，更新 {changed} 个。',
    templates_cut:
      '服务商处有 {count} 个可读取的模板。其列表在上限处截断，或含有无法读取的内容：请执行导入，查看其列出的名称。',
    templates_differ:
      '服务商处共有 {count} 个模板。以下模板在此处的内容与服务商处不同：{names}。可导入以替换此处的内容，或为此处的模板改名。',
    app_here: '应用的事件会推送到本服务。',
    app_fields_missing: '应用未推送通道所要求的事件：{fields}。请在 {place} 中勾选。',
    app_field_missing: '应用未推送 messages 字段。请在 {place} 中勾选。',
    subscribed: '已订阅。',
    fields_unsubscribed: '未订阅 {fields}，请重新订阅该通道。',
    bot_accepted: 'Viber 接受该令牌；机器人名称为 {name}。',
    bot_said: 'Viber 返回 {said}（状态 {status}）。',
    bot_token_refused:
      'Viber 返回 {said}（状态 {status}）。请从 Viber 管理面板重新复制机器人的令牌到 authToken。',
    bot_refused: 'Viber 返回 {said}（状态 {status}）。请在 Viber 管理面板中查看机器人的状态。',
    bot_nowhere: 'Viber 尚未推送该机器人的事件。请订阅该通道。',
    bot_elsewhere: 'Viber 将该机器人的事件推送到其他地址（{origin}）。请订阅该通道。',
    bot_events_missing: 'Viber 未推送 {events}。请订阅该通道。',
    service_unprotected:
      '回调没有签名，目前一律不予采信。Business Messages 请设置 pathSecret 或 allowedAddresses，机器人请设置 authToken。',
    addresses_unread: 'allowedAddresses 中有既非地址也非网段（例如 192.0.2.0/24）的内容。',
    service_ready: '请将 {url} 提供给 Viber，用于状态和用户消息。',
  },
  preflightNames: {
    tls: '加密传输',
    reachable: '可达',
    latency: '响应时间',
    repeat: '重复推送',
    signature: '签名',
    timestamp: '时间戳',
    unknown: '未知类型',
    burst: '突发',
    gone: '状态码 410',
  },
  preflight: {
    tls_there: '地址使用 https。',
    tls_missing: '回执包含用户所写的内容：请使用 https 地址。',
    receipt_taken: '已确认带签名的测试回执（{said}）。',
    receipt_refused: '未确认带签名的测试回执：{said}。对于用该目标密钥签名的请求，请返回 200。',
    latency_good: '响应时间中位数 {medianMs} 毫秒，最慢 {slowestMs} 毫秒。',
    latency_slow:
      '响应时间中位数 {medianMs} 毫秒，最慢 {slowestMs} 毫秒。请先保存回执并应答，再进行后续处理。',
    latency_lost: '逐条发送的 {count} 条测试回执中有 {lost} 条未被确认。',
    repeat_taken: '同一 webhook-id 第二次推送时也得到确认。',
    repeat_refused:
      '同一 webhook-id 第二次推送时得到的应答：{said}。已收到过的回执也请确认，否则会一直重试到重试计划结束。',
    forged_refused: '已拒绝签名错误的回执（{said}）。',
    forged_taken: '签名错误的回执被确认：任何人都可以伪造回执。请用原始请求体验证 webhook-signature。',
    forged_unanswered: '签名错误的回执没有得到应答：{said}。请返回 401。',
    stale_refused: '已拒绝一小时前签名的回执（{said}）。',
    stale_taken: '一小时前签名的回执被确认：截获它的人可以重放。请拒绝时间戳相差超过五分钟的请求。',
    unknown_taken: '已确认类型未知的回执。',
    unknown_refused: 'Type 未知的回执得到的应答：{said}。请予以确认，否则会一直重试到重试计划结束。',
    burst_taken: '同时推送的 {count} 条回执均已确认。',
    burst_put_off: '同时推送的 {count} 条回执中有 {putOff} 条以 429 和 Retry-After 推迟。',
    burst_unsaid:
      '同时推送的 {count} 条回执中有 {putOff} 条返回 429，但没有 Retry-After；请说明需要等待多久。',
    burst_lost:
      '同时推送的 {count} 条回执中有 {lost} 条未被确认，例如：{said}。超出处理能力时请返回 429 和 Retry-After，或调低该目标的并发数。',
    gone_never: '没有返回会关闭该目标的 410。',
    gone_answered:
      '有 {count} 次返回 410：正式推送时这会关闭该目标。拒绝请求请返回 4xx，仅在地址不再使用时返回 410。',
  },
  grades: {
    A: '该地址已就绪。',
    B: '该地址可用；可改进之处见各项警告。',
    C: '有一项需要修复，之后才能可靠地接收回执。',
    D: '有多项需要修复，之后才能可靠地接收回执。',
    F: '该地址无法接收回执。',
  },
  notices: {
    destination_opened:
      '{host} 的回调连续失败 {failures} 次（最近一次：{outcome}）。目前仅不时用一条投递试探，其余投递等待，不消耗重试次数。',
    destination_closed: '{host} 的回调已恢复接收。',
    destination_off: '{host} 的回调返回 410，已被关闭。恢复后请重新开启。',
    callback_unresolved: '所设回调地址的域名 {host} 尚无解析地址；在可解析之前推送会失败并重试。',
    delivery_died:
      '{host} 的回调在 {tries} 次尝试后仍未接受某条回执（最近一次：{outcome}）。该回执已保留，可以重放。',
    token_refused: '访问令牌被拒绝，更换之前无法获取媒体文件。服务商信息：{said}',
    token_ending: '访问令牌即将到期。{findings}',
    channel_unwell: '通道检查未通过。{findings}',
    sender_stopped: '通道拒绝发送（{said}）。消息将等待，直到问题解决或消息过期。',
    fallback_died: '短信网关在 {tries} 次尝试后仍未接受回落短信（{said}）。',
    template_waiting:
      '通道 {channelId} 暂不接受模板 {name} 的审核。服务商信息：{said} 每五分钟重新提交一次。',
    template_kept: '在此删除的模板，通道 {channelId} 在 {tries} 次尝试后仍未删除。服务商信息：{said}',
    account_rate_reached:
      '本账号的请求被拒绝：每个节点每秒最多 {perSecond} 个请求。请提高限额，或降低请求频率。',
    key_rate_reached:
      '某个访问密钥的请求被拒绝：每个节点每秒最多 {perSecond} 个请求。请提高限额，或降低请求频率。',
    queue_limit_reached:
      '本账号的队列中共有 {held} 条消息，已达到账号或其访问密钥的上限 {limit}：账号自身的发送会被拒绝。回执仍会照常放入队列。请接收并删除消息，或提高上限。',
    storage_limit_reached:
      '本账号的文件共占用 {held} 字节，已达到账号或其访问密钥的上限 {limit}：上传会被拒绝。用户发来的文件仍会照常获取。请提高上限，或缩短文件的保留时间。',
    disk_share_reached:
      '本账号可用的媒体磁盘空间已用完：最后四分之一保留给占用较少的账号。旧文件清除或调高上限后会继续获取。',
    disk_budget_reached: '媒体文件的磁盘空间已用完。旧文件清除或调高上限后会继续获取。',
    event_not_understood:
      '渠道 {channelId} 发来了可能是用户消息、但无法理解的内容（{reason}：{detail}）。已作为原始事件 {rawEventId} 保留，认识它的版本会重新读取。',
    data_exposed: '本机其他用户可以查看数据目录（权限 {mode}）。请将其权限设为 700。',
    store_damaged: '存储曾受损：{what}。',
    undelivered_too_old: '发往该目标的最早回执已等待 {minutes} 分钟。',
    store_unavailable: '存储无法提交，暂不接收新数据。原因见日志。',
    clock_in_doubt:
      '节点 {node} 的时钟与数据库相差 {seconds} 秒，目前未就绪，不接受新的工作。请用 NTP 校准两者。',
    clock_off: '节点 {node} 的时钟有疑问，目前不接受新的工作，也不清理数据。详情：{what}',
    sweep_held:
      '清理将删除 {kind} 至少 {total} 条中的 {old} 条，远多于上次清理以来到期的数量。清理已暂停，也没有内容过期。若时钟正确且确属本意，请运行 `chasqui clock confirm` 放行。',
    database_clock_set:
      '数据库的时钟被调整了 {seconds} 秒，而各节点的时钟未变。节点继续使用原来的时间，但此时新启动的节点不会就绪。请用 NTP 校准所有时钟。',
    settings_unheard:
      '{settings} 已设置但未生效：仅在存储中尚无账号时读取，而现有账号与其不同。请删除这些设置；如需新密钥，请使用 `chasqui keys create`。',
    backup_failed: '备份失败：{reason} 将自动重试，旧备份仍然保留。在备份成功之前，每天提醒一次。',
    backup_overdue: '距最近一次成功的备份（没有备份时为服务启动）已有 {hours} 小时，超过备份间隔的两倍。',
    backup_made: '备份已恢复正常，最新的备份位于 {place}。',
    certificate_refused: '节点 {node} 未采用新的证书，当前证书继续使用至到期。{what}',
    certificate_ending: '节点 {node} 的证书将于 {end} 到期。请更新证书文件，一分钟内会重新读取。',
    recovery_code_used:
      '用户 {name} 使用恢复码代替身份验证器登录，剩余 {left} 个。如果不是本人操作，请更换密码。',
    worker_late:
      '节点 {node} 的后台任务 {name} 已有 {minutes} 分钟没有动静，它负责的工作在等待。最近一次错误见任务列表。',
  },
} as const;
