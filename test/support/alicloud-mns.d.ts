// The SDK comes without types; these are the calls that the tests make.
declare module '@alicloud/mns' {
  export interface ClientConfig {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly endpoint: string;
    readonly securityToken?: string;
    readonly readTimeout?: number;
  }

  // eslint-disable-next-line no-restricted-syntax -- this is how the package exports itself
  export default class Client {
    constructor(accountId: string, config: ClientConfig);
    createQueue(name: string, attributes: object): Promise<unknown>;
    setQueueAttributes(name: string, attributes: object): Promise<unknown>;
    getQueueAttributes(name: string): Promise<unknown>;
    deleteQueue(name: string): Promise<unknown>;
    listQueue(start: string, limit: number, prefix: string): Promise<unknown>;
    sendMessage(name: string, message: object): Promise<unknown>;
    batchSendMessage(name: string, messages: readonly object[]): Promise<unknown>;
    receiveMessage(name: string, waitSeconds?: number): Promise<unknown>;
    batchReceiveMessage(name: string, count: number, waitSeconds?: number): Promise<unknown>;
    peekMessage(name: string): Promise<unknown>;
    batchPeekMessage(name: string, count: number): Promise<unknown>;
    deleteMessage(name: string, handle: string): Promise<unknown>;
    batchDeleteMessage(name: string, handles: readonly string[]): Promise<unknown>;
    changeMessageVisibility(name: string, handle: string, seconds: number): Promise<unknown>;
  }
}
