declare module '@alicloud/dybaseapi' {
  class Client {
    constructor(config: { accessKeyId: string; secretAccessKey: string; endpoint: string });
    queryTokenForMnsQueue(
      values: { MessageType: string; QueueName?: string },
      options?: { timeout: number },
    ): Promise<{ Code: string; MessageTokenDTO: Record<string, string> }>;
  }
  export = Client;
}
