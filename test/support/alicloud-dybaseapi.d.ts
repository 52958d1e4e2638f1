declare module '@alicloud/dybaseapi' {
  export default class Client {
    constructor(config: { accessKeyId: string; secretAccessKey: string; endpoint: string });
    queryTokenForMnsQueue(values: {
      MessageType: string;
      QueueName?: string;
    }): Promise<{ Code: string; MessageTokenDTO: Record<string, string> }>;
  }
}
